/** The one workspace there is so far. Every query names it, so that a second one is a parameter and no migration. */
export const workspace = 'ws_default';
