import type { FieldProblem } from '@/api/errors'
import type { Field, FormValues } from '@/api/types'

/** The props of both layouts of a table. */
export interface RowsProps {
  field: Field
  inputId: string
  rows: { key: number; row: FormValues }[]
  problems?: FieldProblem[]
  isFull: boolean
}

export interface RowsEmits {
  put: [index: number, column: string, cell: unknown]
  copy: [index: number]
  remove: [index: number]
  leave: [part: string]
}
