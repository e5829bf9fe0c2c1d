/**
 * The addresses of the page. `<base href>` of the document ends with `/ui/`; what is before it is the base path under which
 * a reverse proxy serves Drover, and the API is beside `ui/`.
 */
export const uiBase = new URL('.', document.baseURI).pathname;

const root = uiBase.replace(/ui\/$/, '');

/** The address of something of the API: `/v1/tasks` may be `/drover/v1/tasks`. */
export const apiAddress = (path: string): string => root + path.replace(/^\//, '');
