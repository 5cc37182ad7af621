import type { FieldProblem } from '@/api/errors'
import type { Field } from '@/api/types'

/** What every field gets from its frame. */
export interface FieldProps {
  field: Field
  inputId: string
  /** What the field is called, for parts that no <label> reaches. */
  name: string
  describedBy?: string
  invalid?: boolean
  /** What is wrong with it or with a part of it, in sight. Paths are full: `form.items[3].price`. */
  problems?: FieldProblem[]
}
