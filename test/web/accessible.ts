/**
 * What a screen reader or a finger would stumble over on the page that is open: an expression for the browser, giving the
 * list of it. Names for tables and fields, one first heading, ids that are there once, scopes, targets of 24 px.
 */
export const obstacles = `(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const found = (what, elements) => elements.map((element) => what + ': ' + element.outerHTML.slice(0, 160));
  const isNamed = (element) => {
    const by = element.getAttribute('aria-labelledby');
    if (by !== null) return by.split(' ').every((id) => document.getElementById(id) !== null);
    return element.getAttribute('aria-label') !== null || (element.labels?.length ?? 0) > 0 || (element.caption ?? null) !== null;
  };
  const ids = all('[id]').map(({ id }) => id);
  const isSmall = (element) => {
    const { width, height } = element.getBoundingClientRect();
    return width > 0 && height < 24;
  };
  return [
    ...(all('h1').length === 1 ? [] : ['not one h1']),
    ...ids.filter((id, i) => ids.indexOf(id) !== i).map((id) => 'twice: #' + id),
    ...found('no name', all('table, input:not([type=hidden]), select').filter((element) => !isNamed(element))),
    ...found('no name', all('section').filter((element, i) => i > 0 && !isNamed(element))),
    ...found('no scope', all('th:not([scope])')),
    ...found('no text', all('button, a').filter(({ textContent }) => textContent.trim() === '')),
    ...found('small', all('button, nav a, .actions a, .links a, select, summary').filter(isSmall)),
    ...found('no such id', all('[aria-describedby]').filter((element) => document.getElementById(element.getAttribute('aria-describedby')) === null)),
  ];
})()`;
