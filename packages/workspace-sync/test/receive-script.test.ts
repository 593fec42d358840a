import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isSame, type ManifestEntry, untilChange } from '../src/manifest/manifest-entry.ts';
import { ManifestParser } from '../src/manifest/manifest-parser.ts';
import { changeNames, receiveScript } from '../src/upload/receive-script.ts';

/** Changes a file as soon as the script has ended, and says what it then is. */
const changeAtOnce = `sh -c "$1" recac "$2" id until - <"$3" && printf 'SECOND' >"$2/file" && cd "$2" && stat -c '%f %s %y %z %i %n' ./file`;

/** Kernels before 6.13 take every stamp from a tick of some milliseconds; there this fails when the script does not wait for the next one. */
test('a file that is changed as soon as the first push has ended is not taken for unchanged', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'recac-receive-'));
  try {
    const source = join(directory, 'source');
    await mkdir(join(source, changeNames.content), { recursive: true });
    await writeFile(join(source, changeNames.content, 'file'), 'BEFORE');
    for (const name of [changeNames.removedFiles, changeNames.removedDirectories, changeNames.sent, changeNames.end])
      await writeFile(join(source, name), '');
    const archive = join(directory, 'archive');
    execFileSync('tar', ['-cf', archive, '-C', source, '.']);
    for (let round = 0; round < 30; round += 1) {
      const workspace = join(directory, `workspace-${round}`);
      await mkdir(workspace);
      const words = ['-c', changeAtOnce, 'sh', receiveScript, workspace, archive];
      const said = execFileSync('sh', words, { env: { ...process.env, LC_ALL: 'C', TZ: 'UTC0' } });
      const manifest = new Map<string, ManifestEntry>();
      const parser = new ManifestParser((path, entry) => manifest.set(path, entry));
      parser.add(said);
      parser.finish();
      const [until, file] = [manifest.get('until'), manifest.get('file')];
      if (until === undefined || file === undefined) throw new Error('the script said nothing');
      expect(isSame(untilChange(file, until), file)).toBe(false);
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
