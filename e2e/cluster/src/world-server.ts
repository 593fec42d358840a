// Answers HTTP with the address that was asked, on the ports 80 and 53 of every address of its network namespace. Ends with its stdin.
import { createServer } from 'node:http';
import process from 'node:process';

for (const port of [80, 53])
  createServer((request, response) => response.end(`${request.socket.localAddress}\n`)).listen(port, '0.0.0.0', () => {
    if (port === 53) console.log('listening');
  });
process.stdin.on('end', () => process.exit()).resume();
