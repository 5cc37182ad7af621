import { onScopeDispose, ref, shallowRef, triggerRef } from 'vue'

import { toApiError, type ApiError } from '@/api/errors'
import { jobs } from '@/api/jobs'
import { firstPoints, points } from '@/lib/format/points'
import { LogReader, type LogSection } from '@/lib/job/log'

const PACE = 1000
const PART = 64_000
/** The most characters of a log that a page holds: of a longer log the end, or the part that is being read. */
export const MOST = 600_000
const KEPT = 400_000
const TAIL = 128_000

/**
 * A window of a run's log: it follows the end while the run goes on, and never holds all of a long log.
 *
 * `from` and `to` are the offsets of the loaded part, of `size`. `earlier` loads the text before it, and drops the
 * end if the window becomes too long; `toEnd` returns to the end.
 */
export function useJobLog(id: number, hosts: () => string[]) {
  const sections = shallowRef<LogSection[]>([])
  const from = ref(0)
  const to = ref(0)
  const size = ref(0)
  const done = ref(false)
  /** The window reaches to the end, and new text is added as it arrives. */
  const isAtEnd = ref(true)
  const loading = ref(false)
  const error = shallowRef<ApiError | null>(null)
  let text = ''
  let reader = new LogReader(hosts())
  let timer = 0
  let turn = 0

  function show(): void {
    sections.value = reader.sections
    triggerRef(sections)
  }
  /** Parses the window again, after text was added or removed at its beginning. */
  function reread(): void {
    reader = new LogReader(hosts())
    reader.feed(text)
    if (done.value) reader.finish()
    show()
  }
  /** Drops the beginning, up to the end of a line, so that no partial line is shown. */
  function cutAt(unit: number): void {
    const cut = unit > 0 ? text.indexOf('\n', unit - 1) + 1 : 0
    from.value += points(text.slice(0, cut))
    text = text.slice(cut)
  }

  async function follow(first = false): Promise<void> {
    const mine = turn
    try {
      const part = await jobs.log(id, to.value)
      if (mine !== turn) return
      size.value = Math.max(part.size, part.next_offset)
      if (part.size - to.value > MOST) return open(part.size - TAIL)
      const grew = part.next_offset > to.value
      text += part.text
      to.value = part.next_offset
      done.value = part.done
      error.value = null
      if (first && from.value) {
        cutAt(1)
        reread()
      } else {
        reader.feed(part.text)
        if (part.done && !grew) reader.finish()
        if (text.length > MOST) {
          cutAt(text.length - KEPT)
          reread()
        } else show()
      }
      if (!part.done || grew) plan(grew ? 50 : PACE)
    } catch (thrown) {
      if (mine !== turn) return
      error.value = toApiError(thrown)
      if (error.value.unanswered) plan(3 * PACE)
    }
  }
  function plan(wait: number): void {
    window.clearTimeout(timer)
    timer = window.setTimeout(() => void follow(), wait)
  }
  function pause(): void {
    turn++
    window.clearTimeout(timer)
  }

  async function earlier(): Promise<void> {
    if (loading.value || !from.value) return
    loading.value = true
    const begin = from.value
    const start = Math.max(0, begin - PART)
    try {
      const part = await jobs.log(id, start)
      if (from.value !== begin) return
      text = firstPoints(part.text, begin - start) + text
      from.value = start
      if (start) cutAt(1)
      if (text.length > MOST) {
        pause()
        isAtEnd.value = false
        done.value = false
        text = text.slice(0, text.lastIndexOf('\n', KEPT) + 1)
        to.value = from.value + points(text)
      }
      reread()
    } catch (thrown) {
      error.value = toApiError(thrown)
    } finally {
      loading.value = false
    }
  }

  function open(at: number): void {
    pause()
    text = ''
    from.value = to.value = Math.max(0, at)
    done.value = false
    isAtEnd.value = true
    reader = new LogReader(hosts())
    show()
    void follow(true)
  }
  /** Shows the log from the place of a search hit; the end is then not loaded. */
  async function readAt(offset: number): Promise<void> {
    pause()
    const mine = turn
    loading.value = true
    try {
      const part = await jobs.log(id, offset)
      if (mine !== turn) return
      text = part.text
      from.value = offset
      to.value = part.next_offset
      size.value = Math.max(part.size, part.next_offset)
      done.value = part.done
      isAtEnd.value = part.done
      reread()
    } catch (thrown) {
      error.value = toApiError(thrown)
    } finally {
      loading.value = false
    }
  }
  /** Loads the log from its beginning: the run was started again. */
  const restart = () => open(0)
  function toEnd(): void {
    if (!isAtEnd.value) open(size.value - TAIL)
  }

  onScopeDispose(pause)
  void follow(true)
  return {
    sections,
    from,
    to,
    size,
    done,
    isAtEnd,
    loading,
    error,
    earlier,
    readAt,
    restart,
    toEnd,
  }
}
