import { computed, ref, shallowRef, watch } from 'vue'

import { tasks, type BulkItem, type BulkResult } from '@/api/tasks'
import type { Decision, MyTask, TicketRow } from '@/api/types'
import { needsPage } from '@/lib/ticket/turn'

import { useAct } from '@/composables/request/useAct'

/** The result for one ticket of a bulk decision. */
export interface BulkLine {
  number: string
  title: string
  ok: boolean
  code: string
}
export interface BulkOutcome {
  verb: Decision
  lines: BulkLine[]
}

const FITS: Record<Decision, (task: MyTask) => boolean> = {
  approve: (task) => task.type === 'approval' && !needsPage(task),
  confirm: (task) => task.type === 'confirm' && !needsPage(task),
  return: () => true,
  veto: (task) => task.type === 'approval',
}
export const BULK_VERBS = ['approve', 'confirm', 'return', 'veto'] as const

/** From a list, the first task of a row is decided. */
export const taskOf = (row: TicketRow): MyTask | undefined => row.my_tasks[0]

/** Selected rows of a list, and one decision for all of them; the server checks each by itself. */
export function useBulk(rows: () => TicketRow[]) {
  const chosen = ref(new Set<string>())
  const outcome = shallowRef<BulkOutcome | null>(null)
  const selectable = computed(() => rows().filter(taskOf))
  const selected = computed(() => selectable.value.filter((row) => chosen.value.has(row.number)))

  // A row that left the list leaves the selection: nothing is decided that is not on the screen.
  watch(selectable, (now) => {
    const here = new Set(now.map((row) => row.number))
    chosen.value = new Set([...chosen.value].filter((number) => here.has(number)))
  })

  function toggle(row: TicketRow): void {
    if (!taskOf(row)) return
    const next = new Set(chosen.value)
    if (!next.delete(row.number)) next.add(row.number)
    chosen.value = next
  }
  function toggleAll(): void {
    const all = selected.value.length === selectable.value.length
    chosen.value = new Set(all ? [] : selectable.value.map((row) => row.number))
  }
  const clear = () => (chosen.value = new Set())

  /** The selected rows for which a verb is possible. */
  const fitting = (verb: Decision): TicketRow[] =>
    selected.value.filter((row) => {
      const task = taskOf(row)
      return task !== undefined && FITS[verb](task)
    })

  /** The selected rows that must be approved one by one, on their page. */
  const apart = computed(() => selected.value.filter((row) => taskOf(row)?.one_by_one))

  const { pending, error, act } = useAct(
    (key, verb: Decision, items: BulkItem[], comment: string) =>
      tasks.bulk(items, verb, comment, key),
  )

  async function decide(verb: Decision, comment: string): Promise<boolean> {
    const asked = new Map<number, TicketRow>()
    const items: BulkItem[] = []
    for (const row of fitting(verb)) {
      const task = taskOf(row)
      if (!task) continue
      asked.set(task.id, row)
      items.push({ id: task.id, digest: task.digest, ticket_version: row.version })
    }
    const results = await act(verb, items, comment.trim())
    if (!results) return false
    outcome.value = { verb, lines: results.map((result) => lineOf(result, asked.get(result.id))) }
    clear()
    return true
  }

  return {
    chosen,
    selectable,
    selected,
    outcome,
    pending,
    error,
    toggle,
    toggleAll,
    clear,
    fitting,
    apart,
    decide,
  }
}

const lineOf = (result: BulkResult, row?: TicketRow): BulkLine => ({
  number: row?.number ?? '',
  title: row?.title ?? '',
  ok: result.ok,
  code: result.code ?? '',
})
