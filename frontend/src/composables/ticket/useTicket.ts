import { computed, ref } from 'vue'

import { tickets } from '@/api/tickets'
import type { People, Ticket, TicketEvent } from '@/api/types'
import { isUnderWay } from '@/lib/plan/diff'

import { useLoad } from '@/composables/request/useLoad'
import { usePolling } from '@/composables/request/usePolling'

const CLOSED = new Set(['completed', 'vetoed', 'withdrawn', 'draft'])
const LIVELY = 15_000

interface Trail {
  events: TicketEvent[]
  people: People
}

/** All events of a ticket, oldest first, and the names of the people in them. */
export async function wholeTrail(number: string): Promise<Trail> {
  const trail: Trail = { events: [], people: {} }
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<typeof tickets.events>> = await tickets.events(number, cursor)
    trail.events.push(...page.results)
    Object.assign(trail.people, page.people)
    cursor = page.next
  } while (cursor)
  return trail
}

/** A ticket and its trail, reloaded every two seconds while something is moving, otherwise every ten. */
export function useTicket(number: string) {
  const movedAt = ref(0)
  const ticketLoad = useLoad(() => tickets.get(number))
  const trailLoad = useLoad(() => wholeTrail(number))
  const ticket = ticketLoad.data

  const lively = () =>
    ticket.value?.state === 'executing' ||
    ticket.value?.plans.some(({ dry_run: run }) => isUnderWay(run)) ||
    Date.now() - movedAt.value < LIVELY

  async function refresh(): Promise<void> {
    const before = ticket.value?.version
    await ticketLoad.reload(true)
    if (ticket.value?.version !== before || lively()) await trailLoad.reload(true)
  }

  usePolling(refresh, () => {
    if (!ticket.value) return null
    if (lively()) return 2000
    return CLOSED.has(ticket.value.state) ? 60_000 : 10_000
  })

  /** After an action here: show the answer, then reload soon and more often for a while. */
  async function moved(answer?: Ticket): Promise<void> {
    movedAt.value = Date.now()
    if (answer?.number === number) ticket.value = answer
    await Promise.all([ticketLoad.reload(true), trailLoad.reload(true)])
  }

  /** With the names of everybody in the trail, because some are asked only later. */
  const named = computed(
    () =>
      ticket.value && {
        ...ticket.value,
        people: { ...ticket.value.people, ...trailLoad.data.value?.people },
      },
  )

  return {
    ticket: named,
    trail: computed(() => trailLoad.data.value),
    trailError: trailLoad.error,
    reloadTrail: trailLoad.reload,
    error: ticketLoad.error,
    reload: ticketLoad.reload,
    moved,
  }
}
