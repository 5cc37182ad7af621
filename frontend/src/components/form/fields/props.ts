import type { Field } from '@/api/types'

/** What every field gets from its frame. */
export interface FieldProps {
  field: Field
  inputId: string
  describedBy?: string
  invalid?: boolean
}
