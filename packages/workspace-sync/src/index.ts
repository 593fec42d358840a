export type { ExtractReport } from './archive/extract-archive.ts';
export { type CopyInOptions, copyIn } from './copy/copy-in.ts';
export type { CopyOptions } from './copy/copy-options.ts';
export { type CopyArchiveOptions, type CopyOutOptions, copyOut, copyOutArchive } from './copy/copy-out.ts';
export { type AppliedWork, applyWork } from './git/apply-work.ts';
export type { GitHistory } from './git/find-history.ts';
export { createGitWorkspace, type GitOptions } from './git/git-workspace.ts';
export { describeOtherWork, listOtherWork, type OtherWork } from './git/other-work.ts';
export { findRepository, type Repository, type SessionReferences, toReferences } from './git/repository.ts';
export { listRescuedWork, type RescuedWork } from './git/rescue.ts';
export { checkoutWork, mergeWork, readDifference, type WorkBranch } from './git/take-work.ts';
export type { IgnoreChoice } from './ignore/ignore-rules.ts';
export { keepInStep, type StepOptions } from './keep-in-step.ts';
export {
  defaultStateDirectory,
  listRecords,
  loadRecord,
  moveRecord,
  type RecordAddress,
  type RecordName,
  removeRecord,
  saveRecord,
  toBasePath,
  toRecordAddress,
  toRecordKey,
  type WorkspaceRecord,
} from './record/workspace-record.ts';
export { isScriptCommand } from './script-command.ts';
export { type BindOptions, createBindWorkspace } from './strategy/bind-workspace.ts';
export { toSessionMount } from './strategy/claim-workspace.ts';
export {
  type ChosenWorkspace,
  selectWorkspaceStrategy,
  type WorkspaceChoice,
} from './strategy/select-strategy.ts';
export { describeSize, type UploadSize } from './upload/upload-size.ts';
export { createUploadWorkspace, type UploadOptions } from './upload/upload-workspace.ts';
