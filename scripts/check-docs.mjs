// Checks the documents: every error code has one heading, every relative link leads somewhere, and no committed file
// holds a path of somebody's machine.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errorCodes } from '../packages/engine-core/src/error-code.ts';
import { root, runCommand } from './run-command.mjs';

const problems = [...checkErrorPage(), ...checkLinks(), ...(await checkPaths())];
console.log(problems.join('\n') || 'documents are in order');
process.exitCode = problems.length === 0 ? 0 : 1;

function checkErrorPage() {
  const headings = [...read('docs/errors.md').matchAll(/^## (\S+)$/gm)].map((match) => match[1]);
  const missing = errorCodes.filter((code) => !headings.includes(code));
  const surplus = headings.filter(
    (heading, index) => !errorCodes.includes(heading) || headings.indexOf(heading) !== index,
  );
  return [
    ...missing.map((code) => `docs/errors.md has no heading ${code}`),
    ...surplus.map((heading) => `docs/errors.md has a heading too many: ${heading}`),
  ];
}

function checkLinks() {
  const files = globSync(['*.md', 'docs/**/*.md', '{packages,apps,e2e}/*/*.md'], { cwd: root });
  return files.flatMap((file) => {
    const targets = [...read(file).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map((match) => match[1]);
    return targets
      .filter((target) => !/^[a-z]+:/.test(target) && !existsSync(join(root, dirname(file), target)))
      .map((target) => `${file} links to ${target}, which does not exist`);
  });
}

async function checkPaths() {
  // Written so that this line does not find itself.
  const pattern = '(/[w]ork/(main|shared)|registry[.]np[m]js[.]org|registry[.]yar[n]pkg)';
  const { code, output } = await runCommand('git', ['grep', '-nIE', pattern]);
  return code === 0
    ? output
        .trim()
        .split('\n')
        .map((line) => `path or address of a machine: ${line.slice(0, 160)}`)
    : [];
}

function read(file) {
  return readFileSync(join(root, file), 'utf8');
}
