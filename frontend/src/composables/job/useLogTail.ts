import { onScopeDispose, triggerRef, type ShallowRef } from 'vue'

import { toApiError, type ApiError } from '@/api/errors'
import { jobs } from '@/api/jobs'
import type { LogPart } from '@/api/types'
import { MOST, type LogWindow } from '@/lib/job/window'

const PACE = 1000
const AT_ONCE = 50
/** How much of a long log is read first. */
export const TAIL = 128_000

/** Adds new text of a run's log until `pause`; `open` starts again at another offset. */
export function useLogTail(
  id: number,
  held: ShallowRef<LogWindow>,
  error: ShallowRef<ApiError | null>,
) {
  let timer = 0
  let turn = 0

  /** A function that says whether the window has not moved since now. */
  function mark(): () => boolean {
    const mine = turn
    return () => mine === turn
  }
  async function follow(isFirst = false): Promise<void> {
    const isStill = mark()
    try {
      const part = await jobs.log(id, held.value.to)
      if (isStill()) take(part, isFirst)
    } catch (thrown) {
      if (!isStill()) return
      error.value = toApiError(thrown)
      if (error.value.unanswered) plan(3 * PACE)
    }
  }
  function take(part: LogPart, isFirst: boolean): void {
    const log = held.value
    log.size = Math.max(part.size, part.next_offset)
    if (part.size - log.to > MOST) return open(part.size - TAIL)
    const grew = part.next_offset > log.to
    log.append(part, isFirst && log.from > 0)
    error.value = null
    triggerRef(held)
    if (!part.done || grew) plan(grew ? AT_ONCE : PACE)
  }
  function plan(wait: number): void {
    window.clearTimeout(timer)
    timer = window.setTimeout(() => void follow(), wait)
  }
  function pause(): void {
    turn++
    window.clearTimeout(timer)
  }
  function open(at: number): void {
    pause()
    held.value.moveTo(at)
    triggerRef(held)
    void follow(true)
  }

  onScopeDispose(pause)
  void follow(true)
  return { mark, pause, open }
}
