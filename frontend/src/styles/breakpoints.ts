/** Widths at which the layout changes. Styles use `@media (--phone)`, code `BREAKPOINTS.phone`. */
export const BREAKPOINTS = {
  /** Phone: one column, large touch targets, the tab bar. */
  phone: '(width < 768px)',
  /** No room for two columns. */
  narrow: '(width < 1024px)',
  /** Lists hide a column; forks are as wide as other chains. */
  medium: '(width < 1360px)',
  /** Lists hide the name of the template. */
  wide: '(width < 1600px)',
}
