import { withDeadline } from '../deadline.ts';
import { type WorkspaceCase, workspaceCases } from './workspace-cases.ts';
import type { WorkspaceConformanceOptions } from './workspace-conformance-options.ts';
import { WorkspaceContext } from './workspace-context.ts';

const deadlineMs = 60_000;

/** Registers every case of the suite for workspace strategies that carry files with the runner, in one `describe`. */
export function workspaceConformance(options: WorkspaceConformanceOptions): void {
  const limit = deadlineMs * (options.limits?.slow ?? 1);
  options.describe('workspace', () => {
    const cases = workspaceCases.filter(({ needsCopies = false }) => !(needsCopies && options.sharesDirectory));
    for (const workspaceCase of cases)
      options.test(
        `[${workspaceCase.id}] ${workspaceCase.contract}`,
        () => runWorkspaceCase(workspaceCase, options),
        limit,
      );
  });
}

/** Runs one case and tidies up after it. Rejects when the strategy fails it or takes too long. */
export async function runWorkspaceCase(
  workspaceCase: WorkspaceCase,
  options: WorkspaceConformanceOptions,
): Promise<void> {
  await using context = await WorkspaceContext.create(options);
  await withDeadline(workspaceCase.run(context), deadlineMs * (options.limits?.slow ?? 1), workspaceCase.id);
}
