import assert from 'node:assert/strict';
import { expectRejection } from '../expect-rejection.ts';
import { sampleFiles, type WorkspaceContext } from './workspace-context.ts';

/** One sentence of the contract of `WorkspaceStrategy`, and the code that checks it. */
export interface WorkspaceCase {
  /** Stable name. */
  readonly id: `workspace/${string}`;
  /** The sentence. */
  readonly contract: string;
  /** It is about two copies of the files, and says nothing of a strategy by which both sides see one directory. Default: false. */
  readonly needsCopies?: boolean;
  /** Checks it. Rejects with an assertion error when the strategy breaks it. */
  run(context: WorkspaceContext): Promise<void>;
}

const quote = (path: string): string => `'${path.replaceAll("'", "'\\''")}'`;

/** Every case of the suite. */
export const workspaceCases: readonly WorkspaceCase[] = [
  {
    id: 'workspace/files-go-in',
    contract: 'After a push the environment has every file of the project, byte for byte, under every name.',
    async run(context) {
      const { environment } = await context.start();
      for (const [path, content] of Object.entries(sampleFiles)) {
        const result = await context.engine.exec(environment.id, ['cat', '--', path]);
        assert.equal(result.exitCode, 0, `${JSON.stringify(path)}: ${result.stderr}`);
        assert.deepEqual(Buffer.from(result.stdoutData), Buffer.from(content), JSON.stringify(path));
      }
    },
  },
  {
    id: 'workspace/kinds-go-in',
    contract: 'Executable files stay executable and links stay links.',
    async run(context) {
      const { environment } = await context.start();
      assert.equal(await context.run(environment, './source/program; readlink link'), 'hello\nsource/program\n');
      await context.run(environment, '[ ! -x text ]');
    },
  },
  {
    id: 'workspace/work-comes-back',
    contract: 'What the environment made, changed, removed and renamed is so in the project once it is brought back.',
    async run(context) {
      const { environment, bringBack } = await context.start();
      await context.run(
        environment,
        `echo made >made; mkdir -p new/place; echo deep >new/place/file; echo four >>text; rm doomed; mv moved renamed; printf '\\0\\377' >bytes; echo x >${quote('a\nb')}`,
      );
      assert.deepEqual(await bringBack(environment), []);
      assert.equal(await context.read('made'), 'made\n');
      assert.equal(await context.read('new/place/file'), 'deep\n');
      assert.equal(await context.read('text'), `${sampleFiles.text}four\n`);
      assert.equal(await context.read('renamed'), sampleFiles.moved);
      assert.equal(await context.read('a\nb'), 'x\n');
      assert.deepEqual([await context.read('doomed'), await context.read('moved')], [undefined, undefined]);
      assert.equal(await context.read('source/deep/er/data'), sampleFiles['source/deep/er/data']);
    },
  },
  {
    id: 'workspace/modes-come-back',
    needsCopies: true,
    contract:
      'A file that became executable is executable in the project, one that is no longer is not, and only its owner may write to it.',
    async run(context) {
      const { environment, bringBack } = await context.start();
      await context.run(environment, 'chmod 777 text; chmod 644 source/program');
      await bringBack(environment);
      assert.equal((await context.mode('text')) & 0o122, 0o100);
      assert.equal((await context.mode('source/program')) & 0o100, 0);
    },
  },
  {
    id: 'workspace/kinds-come-back',
    contract: 'A link comes back as a link, and a path that became another kind of thing is that in the project.',
    async run(context) {
      const { environment, bringBack } = await context.start();
      await context.run(
        environment,
        'ln -s text made-link; rm -r source/deep; echo file >source/deep; rm empty; mkdir empty; echo in >empty/in',
      );
      assert.deepEqual(await bringBack(environment), []);
      assert.equal(await context.read('made-link'), sampleFiles.text);
      assert.equal(await context.read('source/deep'), 'file\n');
      assert.equal(await context.read('empty/in'), 'in\n');
    },
  },
  {
    id: 'workspace/same-size-same-time',
    contract: 'A file that was changed within the second, with as many bytes as before, comes back.',
    async run(context) {
      const { environment, bringBack } = await context.start();
      await context.run(environment, "printf 'FIRST\\n' >'same in both'");
      await bringBack(environment);
      assert.equal(await context.read('same in both'), 'FIRST\n');
    },
  },
  {
    id: 'workspace/push-again',
    contract:
      'A later push brings what changed here, also what was removed, and leaves the work of the environment alone.',
    async run(context) {
      const { environment, strategy, bringBack } = await context.start();
      await context.run(environment, 'echo made >made');
      await context.write('text', 'changed here\n');
      await context.write('late', 'late\n');
      const report = await strategy.push(environment);
      assert.deepEqual(report.conflicts, []);
      assert.equal(await context.run(environment, 'cat text late made'), 'changed here\nlate\nmade\n');
      await bringBack(environment);
      assert.equal(await context.read('made'), 'made\n');
      assert.equal(await context.read('text'), 'changed here\n');
    },
  },
  {
    id: 'workspace/push-nothing',
    contract: 'A push and a pull without a change move nothing.',
    async run(context) {
      const { environment, strategy } = await context.start();
      const pushed = await strategy.push(environment);
      assert.deepEqual([pushed.changed, pushed.removed, pushed.bytes, pushed.conflicts], [0, 0, 0, []]);
      const pulled = await strategy.pull(environment);
      assert.deepEqual([pulled.changed, pulled.removed, pulled.conflicts], [0, 0, []]);
    },
  },
  {
    id: 'workspace/push-sends-the-difference',
    needsCopies: true,
    contract: 'A push after one edit sends little, however much the project holds.',
    async run(context) {
      await context.write('large', Array.from({ length: 40_000 }, (_, line) => `line ${line * 7919}\n`).join(''));
      const { environment, strategy } = await context.start();
      await context.write('text', 'edited\n');
      const { changed, bytes } = await strategy.push(environment);
      assert.equal(changed, 1);
      assert.ok(bytes < 32_768, `${bytes} bytes were sent`);
    },
  },
  {
    id: 'workspace/push-conflict',
    needsCopies: true,
    contract: 'What both sides changed stays as it is in the environment when it is pushed, and is named.',
    async run(context) {
      const { environment, strategy } = await context.start();
      await context.run(environment, "echo theirs >'same in both'");
      await context.write('same in both', 'ours\n');
      await context.write('text', 'clean\n');
      const { conflicts } = await strategy.push(environment);
      assert.deepEqual(conflicts, ['same in both']);
      assert.equal(await context.run(environment, "cat 'same in both' text"), 'theirs\nclean\n');
      assert.equal(await context.read('same in both'), 'ours\n');
    },
  },
  {
    id: 'workspace/pull-conflict',
    needsCopies: true,
    contract:
      'What both sides changed stays as it is in the project, is named, and the version of the environment lies beside; the rest comes.',
    async run(context) {
      const { environment, bringBack } = await context.start();
      await context.run(environment, "echo theirs >'same in both'; echo clean >text");
      await context.write('same in both', 'ours\n');
      assert.deepEqual(await bringBack(environment), ['same in both']);
      assert.equal(await context.read('same in both'), 'ours\n');
      assert.equal(await context.read('text'), 'clean\n');
      const beside = (await context.names(context.directory)).find((name) => name.startsWith('same in both.'));
      assert.equal(await context.read(beside ?? ''), 'theirs\n');
    },
  },
  {
    id: 'workspace/removed-there-changed-here',
    needsCopies: true,
    contract: 'A file that the environment removed and this machine changed stays.',
    async run(context) {
      const { environment, bringBack } = await context.start();
      await context.run(environment, 'rm text');
      await context.write('text', 'still needed\n');
      assert.deepEqual(await bringBack(environment), ['text']);
      assert.equal(await context.read('text'), 'still needed\n');
    },
  },
  {
    id: 'workspace/ignored-stay',
    needsCopies: true,
    contract: 'What is ignored goes neither in nor back, and what lies there under such a name here is not touched.',
    async run(context) {
      await context.write('.gitignore', 'secret\nbuild/\n');
      await context.write('secret', 'here\n');
      await context.write('build/output', 'here\n');
      const { environment, bringBack } = await context.start();
      await context.run(
        environment,
        '[ ! -e secret ] && [ ! -e build ] && mkdir build && echo there >build/output && echo there >secret',
      );
      await bringBack(environment);
      assert.deepEqual([await context.read('secret'), await context.read('build/output')], ['here\n', 'here\n']);
    },
  },
  {
    id: 'workspace/nothing-outside',
    needsCopies: true,
    contract:
      'Links of the environment that lead out of the project are not made here, and nothing is written through one.',
    async run(context) {
      await context.write('inside/file', 'inside\n');
      const { environment, bringBack } = await context.start();
      await context.run(
        environment,
        `rm -r inside; ln -s ${quote(context.outside)} inside; ln -s ../../../../etc/passwd up; ln -s ${quote(context.outside)} out; echo fine >fine`,
      );
      await bringBack(environment);
      assert.equal(await context.read('fine'), 'fine\n');
      assert.equal(await context.read('up'), undefined);
      assert.deepEqual(await context.names(context.outside), []);
      assert.equal((await context.names(context.directory)).includes('out'), false);
    },
  },
  {
    id: 'workspace/special-files',
    needsCopies: true,
    contract: 'A FIFO of the environment holds nothing up and is left out.',
    async run(context) {
      const { environment, bringBack } = await context.start();
      await context.run(environment, 'mkfifo pipe; echo fine >fine');
      await bringBack(environment);
      assert.equal(await context.read('fine'), 'fine\n');
      assert.equal((await context.names(context.directory)).includes('pipe'), false);
    },
  },
  {
    id: 'workspace/other-process',
    contract: 'Another process brings the work back, and pushes, as the first one would.',
    async run(context) {
      const { environment } = await context.start();
      await context.run(environment, 'echo made >made; rm doomed');
      const other = await context.createWorkspace();
      await context.write('text', 'from another\n');
      await other.strategy.push(environment);
      assert.equal(await context.run(environment, 'cat text'), 'from another\n');
      assert.deepEqual(await other.bringBack(environment), []);
      assert.deepEqual([await context.read('made'), await context.read('doomed')], ['made\n', undefined]);
    },
  },
  {
    id: 'workspace/harvest',
    needsCopies: true,
    contract:
      'A harvest says in one line what became of the work, with the number of files that changed, and may come again.',
    async run(context) {
      const { environment, strategy } = await context.start();
      await context.run(environment, 'echo made >made; echo more >>text');
      const report = await strategy.harvest(environment);
      assert.match(report.summary, /^[^\n]+$/);
      assert.equal(report.changedFiles, 2);
      await strategy.harvest(environment);
    },
  },
  {
    id: 'workspace/cancelled',
    contract: 'A push whose signal fired is RECAC_ABORTED, and one after it does the work.',
    async run(context) {
      const workspace = await context.createWorkspace();
      const environment = await context.startEnvironment(workspace);
      const signal = AbortSignal.abort();
      await expectRejection(workspace.strategy.push(environment, { signal }), ['RECAC_ABORTED'], 'push');
      await workspace.strategy.push(environment);
      assert.equal(await context.run(environment, 'cat text'), sampleFiles.text);
    },
  },
  {
    id: 'workspace/environment-gone',
    needsCopies: true,
    contract: 'A pull from an environment that is gone rejects, and the project is as it was.',
    async run(context) {
      const { environment, strategy } = await context.start();
      await context.engine.stopEnvironment(environment.id);
      await expectRejection(strategy.pull(environment), ['RECAC_ENVIRONMENT_NOT_FOUND'], 'pull');
      assert.equal(await context.read('text'), sampleFiles.text);
    },
  },
];
