import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildExecRequest, type ExecRequest } from '../src/lane/exec-request.ts';

const plain: ExecRequest = {
  command: ['true'],
  workingDirectory: '/work',
  environmentVariables: {},
  marker: '0123abcd-1-1.',
  meta: 'meta',
};

function build(changes: Partial<ExecRequest>): Buffer {
  return buildExecRequest({ ...plain, ...changes });
}

/** The source inside a request, in either form; fails when its counted length is wrong. */
function sourceOf(request: Buffer): Buffer {
  if (!request.subarray(0, 2).equals(Buffer.from('f '))) return request;
  const end = request.indexOf(0x0a);
  const body = request.subarray(end + 1);
  expect(body.length).toBe(Number(request.toString('latin1', 2, end)));
  return body;
}

test('a small request is one line', () => {
  const request = build({ command: ['echo', "it's"] });
  expect(request.indexOf(0x0a)).toBe(request.length - 1);
  expect(request.toString('utf8').startsWith("{ _rcbegin meta '/work' ; ")).toBe(true);
});

test.each<[string, Partial<ExecRequest>]>([
  ['a newline in an argument', { command: ['printf', 'a\nb'] }],
  ['a newline in a value', { environmentVariables: { A: 'a\nb' } }],
  ['a newline in the directory', { workingDirectory: '/a\nb' }],
  ['more than 8 KiB', { command: ['echo', 'x'.repeat(8_192)] }],
])('%s travels as counted bytes', (_, changes) => {
  const request = build(changes);
  expect(request.toString('latin1').startsWith('f ')).toBe(true);
  expect(sourceOf(request).at(-1)).toBe(0x0a);
});

test('whatever the values, a request is one line or exactly the bytes it counts', () => {
  const bytes = fc.uint8Array({ maxLength: 60 }).map((value) => value.map((byte) => byte || 1));
  fc.assert(
    fc.property(
      fc.array(bytes, { minLength: 1 }),
      fc.dictionary(fc.string({ minLength: 1 }), bytes),
      (command, env) => {
        const request = build({ command, environmentVariables: env });
        if (request.toString('latin1', 0, 2) === 'f ') sourceOf(request);
        else expect(request.indexOf(0x0a)).toBe(request.length - 1);
      },
    ),
  );
});

test('names that a shell can export are exported; odd and shell-owned ones go through env', () => {
  const environmentVariables = {
    GOOD_1: 'g',
    'A.B': 'dot',
    '1X': 'digit',
    'with space': 's',
    PWD: '/elsewhere',
    UID: '0',
  };
  const source = build({ environmentVariables }).toString('utf8');
  expect(source).toContain("export GOOD_1='g' RECAC_EXEC='0123abcd-1-1.'; ");
  const viaEnv = `'A.B=dot' '1X=digit' 'with space=s' 'PWD=/elsewhere' 'UID=0'`;
  expect(source).toContain(`_rcwith 'true' "$_rcenv" -- ${viaEnv} "$_rcsetsid" -- 'true' <`);
});

test('without odd names there is no env, which would cost an exec', () => {
  expect(build({ environmentVariables: { A: '1' } }).toString('utf8')).toContain(`_rcrun 'true' <`);
});

test("stdin is the feeder's FIFO when there is one, else empty, never the lane's", () => {
  expect(build({}).toString('utf8')).toContain(' </dev/null; }');
  expect(build({ stdinPath: "/run/it's.i" }).toString('utf8')).toContain(` <'/run/it'\\''s.i'; }`);
});
