/** Where the layout changes. Styles say `@media (--phone)`, code `BREAKPOINTS.phone`. */
export const BREAKPOINTS = {
  /** A thumb: one column, big targets, the tab bar. */
  phone: '(width < 768px)',
  /** No room for two columns side by side. */
  narrow: '(width < 1024px)',
  /** Lists drop a column; forks take no more room than other chains. */
  medium: '(width < 1360px)',
  /** Lists drop the name of the template. */
  wide: '(width < 1600px)',
}
