import { computed, type Ref } from 'vue'

import type { Field, FormValues } from '@/api/types'
import { startValues } from '@/lib/form/values'

/** The rows of a table field, each with a stable key. */
export function useRows(field: () => Field, value: Ref<unknown>) {
  let keys: number[] = []
  let last = 0
  const cells = computed(() => (Array.isArray(value.value) ? (value.value as FormValues[]) : []))
  const most = computed(() => field().max_items ?? 200)
  const isFull = computed(() => cells.value.length >= most.value)

  const rows = computed(() => cells.value.map((row, index) => ({ key: keyAt(index), row })))
  /** Rows from elsewhere (a draft) get their key when they are first seen. */
  function keyAt(index: number): number {
    return (keys[index] ??= ++last)
  }

  function change(next: FormValues[], nextKeys: number[]): void {
    keys = nextKeys
    value.value = next
  }
  const columns = () => field().columns ?? []
  const add = () => change([...cells.value, startValues(columns())], [...keys, ++last])
  function copy(index: number): void {
    const row = cells.value[index]
    if (row)
      change(cells.value.toSpliced(index + 1, 0, copyOf(row)), keys.toSpliced(index + 1, 0, ++last))
  }
  const remove = (index: number) =>
    change(cells.value.toSpliced(index, 1), keys.toSpliced(index, 1))
  const put = (index: number, column: string, cell: unknown) =>
    change(cells.value.with(index, { ...cells.value[index], [column]: cell }), keys)

  return { rows, isFull, most, add, copy, remove, put }
}

const copyOf = (row: FormValues): FormValues => JSON.parse(JSON.stringify(row)) as FormValues
