// Answers for a test host, once told to on stdin: `name of the host` over HTTP on port 80, and every name with 203.0.113.10 on port 53 of an address.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';
import process from 'node:process';

const [name, dnsAddress] = process.argv.slice(2);

/** The answer to any question: one A record. */
const toAnswer = (question) => {
  const end = question.indexOf(0, 12) + 5;
  const header = Buffer.from([question[0], question[1], 0x84, 0x00, 0, 1, 0, 1, 0, 0, 0, 0]);
  const isAddress = question.readUInt16BE(end - 4) === 1;
  if (!isAddress) header[7] = 0;
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 203, 0, 113, 10]);
  return Buffer.concat([header, question.subarray(12, end), ...(isAddress ? [record] : [])]);
};

process.stdin.once('data', () => {
  const server = createServer((_request, response) => response.end(`${name}\n`));
  server.listen(80, '0.0.0.0', () => {
    if (dnsAddress === undefined) return process.stdout.write('listening\n');
    const socket = createSocket('udp4');
    socket.on('message', (question, { port, address }) => socket.send(toAnswer(question), port, address));
    socket.bind(53, dnsAddress, () => process.stdout.write('listening\n'));
  });
});
process.stdin.once('end', () => process.exit());
process.stdout.write('ready\n');
