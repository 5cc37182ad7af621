import type { FieldProblem } from '@/api/errors'
import type { Field } from '@/api/types'

/** The props that every field gets from its frame. */
export interface FieldProps {
  field: Field
  inputId: string
  /** The field's label, for parts that no <label> covers. */
  name: string
  describedBy?: string
  invalid?: boolean
  /** The errors to show, of it or of its parts. Paths are complete: `form.items[3].price`. */
  problems?: FieldProblem[]
}
