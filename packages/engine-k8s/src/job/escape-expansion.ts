/**
 * A text that Kubernetes turns back into what was given. In `command`, `args` and `env` it expands `$(NAME)` and makes one `$` of two; Docker does
 * neither, and no caller means it.
 */
export function escapeExpansion(text: string): string {
  return text.replace(/\$(?=[$(])/g, '$$$$');
}
