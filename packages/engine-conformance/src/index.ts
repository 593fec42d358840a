export {
  type BooleanCapability,
  type ConformanceCase,
  type ConformanceGroup,
  conformanceGroups,
} from './conformance-case.ts';
export { conformanceCases } from './conformance-cases.ts';
export type { CaseSettings } from './conformance-context.ts';
export type { ConformanceLimits, ConformanceOptions, DescribeFunction, TestFunction } from './conformance-options.ts';
export { type ConformanceSummary, engineConformance } from './engine-conformance.ts';
export { runCase } from './run-case.ts';
export { type WorkspaceCase, workspaceCases } from './workspace/workspace-cases.ts';
export { runWorkspaceCase, workspaceConformance } from './workspace/workspace-conformance.ts';
export type {
  WorkspaceConformanceOptions,
  WorkspacePlace,
  WorkspaceUnderTest,
} from './workspace/workspace-conformance-options.ts';
