import process from 'node:process';

/**
 * `node:http`. Importing it by name reads each of its exports, and reading `http.WebSocket` loads undici, which no engine uses: 25 ms of every start
 * (measured with Node 24.21, lib/http.js).
 */
export const http = process.getBuiltinModule('node:http');
