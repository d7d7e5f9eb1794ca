// A page of something under way shows by itself how it goes on: its content is fetched again until that has ended. Whoever
// is at a button or has opened something is not disturbed.

const pauseMs = 3_000;

async function renew() {
  const main = document.querySelector('main');
  const busy = main.contains(document.activeElement) || main.querySelector('details[open]') !== null;
  if (!busy && !document.hidden) {
    const response = await fetch(location.href, { headers: { Accept: 'text/html' } });
    if (!response.ok) return;
    const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
    const content = fresh.querySelector('main').innerHTML;
    if (content !== main.innerHTML) main.innerHTML = content;
    if (fresh.querySelector('script[src="/assets/renew.js"]') === null) return;
  }
  setTimeout(renew, pauseMs);
}

setTimeout(renew, pauseMs);
