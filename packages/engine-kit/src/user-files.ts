/** What an environment says of its users. */
export interface UserFiles {
  /** Text of /etc/passwd; empty when there is none. */
  readonly passwd: string;
  /** Text of /etc/group; empty when there is none. */
  readonly group: string;
}

const separator = '\u0001';

/** POSIX sh that prints the user files of an environment, for {@link parseUserFiles}. */
export const userFilesScript = `cat /etc/passwd 2>/dev/null; printf '\\001'; cat /etc/group 2>/dev/null; :`;

/** Reads what {@link userFilesScript} printed. */
export function parseUserFiles(printed: string): UserFiles {
  const [passwd = '', group = ''] = printed.split(separator);
  return { passwd, group };
}
