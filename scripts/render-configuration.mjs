// The text of docs/configuration.md, from the configuration schema.
import { toVariableName } from '../packages/session/src/config/environment-layer.ts';

const head = `# Configuration

<!-- Written by scripts/generate-schema.mjs: change the schema in packages/engine-core/src/config and run \`npm run schema\`. -->

recac is configured by one YAML file. Everything in it is optional; unknown keys are errors. \`recac config init\` writes one, and \`recac config schema > recac.schema.json\`
the schema that editors complete it by.

\`\`\`yaml
# yaml-language-server: $schema=recac.schema.json
runner:
  backend: "kubernetes" # or "docker"

kubernetes:
  kubeconfig: "~/.kube/config"
  context: "my-cluster"
  namespace: "recac-agents"
  pvc_name: "recac-workspace"
  resources:
    requests:
      cpu: "500m"
      memory: "1Gi"
    limits:
      cpu: "2000m"
      memory: "4Gi"
  service_account: "recac-agent-sa"
\`\`\`

## Where values come from

Each setting is taken from the first of these that has it; \`recac config show\` prints every value with its origin.

1. A flag of the command, such as \`--backend docker\`.
2. An environment variable: \`RECAC_\`, then the path of the setting in upper case with \`_\` between its keys. An empty variable counts as not set;
   the texts of a list are separated by commas.
3. The project's file: the one that \`--config\` or \`RECAC_CONFIG\` names, else \`recac.yaml\` in the working directory, else \`config.yaml\` there. A \`config.yaml\`
   counts only when it has a top-level \`runner\` or \`kubernetes\`, because many other tools use that name.
4. The user's file: \`$XDG_CONFIG_HOME/recac/config.yaml\`, or \`~/.config/recac/config.yaml\`.
5. The default.

Sections are merged key by key, and \`session.env\` name by name. Relative paths start at the directory of the file that holds them, or at the working
directory when they come from a flag or a variable; \`~/\` is the home directory.

A file is one YAML 1.2 document in UTF-8 of at most 1 MiB, without custom tags, duplicate keys, more than 20 levels or more than 20 aliases.

## Trust

A project's file lies where an agent can write. The settings marked *trust* below decide what the agent's next run can reach, so they count from
\`recac.yaml\` or \`config.yaml\` only once you have looked at the file and run \`recac trust\`; until then they are an error. Any change to the file takes the trust
away again. A file that you name yourself (\`--config\`, \`RECAC_CONFIG\`), your user file, variables and flags need no trust.

## Spelling

Durations are a number and a unit, \`d\`, \`h\`, \`m\`, \`s\` or \`ms\`, largest first: \`1h30m\`, \`250ms\`. The longest is 24 days. Quantities are those of Kubernetes: \`500m\`, \`2\`,
\`512Mi\`, \`4Gi\`. A request may not exceed its limit.
`;

/** The whole document. */
export function renderConfiguration({ schema, settings, sensitiveSettings }) {
  const names = [...new Set(settings.map(({ path }) => path.split('.')[0]))];
  const sections = names.map((name) =>
    renderSection(name, schema.properties[name].description, settings, sensitiveSettings),
  );
  return [head, ...sections].join('\n');
}

function renderSection(name, description, settings, sensitiveSettings) {
  const rows = settings
    .filter(({ path }) => path.startsWith(`${name}.`))
    .map((setting) => renderSetting(setting, sensitiveSettings));
  return [
    `## \`${name}\``,
    '',
    description,
    '',
    '| Setting | Meaning | Values | Default |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

function renderSetting(setting, sensitiveSettings) {
  const sensitive = sensitiveSettings.find(({ path }) => path === setting.path);
  const trust = sensitive === undefined ? '' : ` *Trust: ${sensitive.values}.*`;
  const name = toVariableName(setting);
  const variable = name === undefined ? 'no variable' : `\`${name}\``;
  const cells = [
    `\`${setting.path}\`<br>${variable}`,
    setting.description + trust,
    renderValues(setting),
    renderDefault(setting),
  ];
  return `| ${cells.join(' | ')} |`;
}

const kinds = {
  text: () => 'text',
  quantity: () => 'quantity',
  count: (choices) => `${choices.map((choice) => `\`${choice}\``).join(', ')} or a whole number`,
  list: () => 'list of texts',
  sections: () => 'list of sections',
  map: () => 'names and texts',
};

function renderValues({ kind, choices, examples }) {
  if (kind === 'choice') return choices.map((choice) => `\`${choice}\``).join(', ');
  const shown = examples
    .map((example) => `\`${typeof example === 'string' ? example : JSON.stringify(example)}\``)
    .join(', ');
  return `${kinds[kind](choices)}, such as ${shown}`;
}

function renderDefault({ kind, defaultValue }) {
  if (defaultValue === undefined) return '';
  return kind === 'map' ? 'empty' : `\`${defaultValue}\``;
}
