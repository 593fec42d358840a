/** `POST /containers/create`. */
export const create = /^POST \/v[\d.]+\/containers\/create/;
/** `POST /networks/create`. */
export const createNetwork = /^POST \/v[\d.]+\/networks\/create/;
/** `POST /containers/ID/start`. */
export const start = /^POST \/v[\d.]+\/containers\/[0-9a-f]{64}\/start/;
/** `POST /containers/ID/attach`, which is the first lane. */
export const attach = /^POST \/v[\d.]+\/containers\/[0-9a-f]{64}\/attach/;
/** `GET /containers/json`. */
export const list = /^GET \/v[\d.]+\/containers\/json/;
/** `DELETE /containers/ID`. */
export const remove = /^DELETE \/v[\d.]+\/containers/;
/** `POST /containers/ID/exec`, before each further lane. */
export const createExec = /^POST \/v[\d.]+\/containers\/[0-9a-f]{64}\/exec/;
/** The requests that take their connection over. */
export const stream = /^POST \/v[\d.]+\/(exec|containers)\/[0-9a-f]{64}\/(start\?|start$|attach)/;
/** `POST /images/create`, which pulls one. */
export const pull = /^POST \/v[\d.]+\/images\/create/;
/** `GET /info`. */
export const info = /^GET \/v[\d.]+\/info/;
/** `POST /exec/ID/start`. */
export const startExec = /^POST \/v[\d.]+\/exec\/[0-9a-f]{64}\/start/;
/** `POST /exec/ID/resize`. */
export const resize = /^POST \/v[\d.]+\/exec\/[0-9a-f]{64}\/resize/;
