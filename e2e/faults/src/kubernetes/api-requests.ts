/** `POST …/jobs`. */
export const createJob = /^POST \/apis\/batch\/v1\/namespaces\/[^/]+\/jobs$/;
/** `GET …/jobs/NAME`. */
export const getJob = /^GET \/apis\/batch\/v1\/namespaces\/[^/]+\/jobs\/[^?]+$/;
/** `GET …/jobs?…`, a watch left out. */
export const listJobs = /^GET \/apis\/batch\/v1\/namespaces\/[^/]+\/jobs\?(?!.*watch=)/;
/** `DELETE …/jobs/NAME`. */
export const deleteJob = /^DELETE \/apis\/batch\/v1\/namespaces\/[^/]+\/jobs\//;
/** `POST …/networkpolicies`. */
export const createPolicy = /^POST \/apis\/networking\.k8s\.io\/v1\/namespaces\/[^/]+\/networkpolicies$/;
/** `GET …/pods?…`, a watch left out. */
export const listPods = /^GET \/api\/v1\/namespaces\/[^/]+\/pods\?(?!.*watch=)/;
/** A watch of Jobs. */
export const watchJobs = /^GET \/apis\/batch\/v1\/namespaces\/[^/]+\/jobs\?.*watch=true/;
/** A watch of pods. */
export const watchPods = /^GET \/api\/v1\/namespaces\/[^/]+\/pods\?.*watch=true/;
/** An exec with a terminal. */
export const terminalExec = /^GET \/api\/v1\/namespaces\/[^/]+\/pods\/[^/]+\/exec\?.*tty=true/;
/** An exec, which becomes a WebSocket. */
export const exec = /^GET \/api\/v1\/namespaces\/[^/]+\/pods\/[^/]+\/exec\?/;
/** A connection to a port, which becomes a WebSocket. */
export const portForward = /^GET \/api\/v1\/namespaces\/[^/]+\/pods\/[^/]+\/portforward\?/;
