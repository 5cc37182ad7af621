import type { People, SignPosition, Task } from '@/api/types'
import { nameOf } from '@/lib/format/people'
import type { Text } from '@/lib/format/text'

/** A person who is, was or will be asked. */
export interface StepPerson {
  username: string
  name: string
  reason: Text | null
  task: Task | null
  /** Earlier assignees who handed it on, the first one first. */
  via: string[]
  /** Its position relative to the task that added it. */
  position: SignPosition | null
  added: StepPerson[]
  /** Names of the agents who may act for them. */
  agents: string[]
}

export function waitingPerson(username: string, people: People, reason: Text | null): StepPerson {
  const name = nameOf(people, username)
  return { username, name, reason, task: null, via: [], position: null, added: [], agents: [] }
}

/**
 * The task that each new task replaces: a transfer closes one task and opens others at the same moment, for
 * the same place. If several were handed on at once, they are matched in order.
 */
function predecessors(tasks: Task[]): Map<number, Task> {
  const heirs = new Map<number, Task>()
  const left = tasks.filter((task) => task.state === 'transferred')
  const moments = new Map<string, Task[]>()
  for (const task of left) {
    const key = `${task.decided_at}/${task.added_to ?? ''}`
    moments.set(key, [...(moments.get(key) ?? []), task])
  }
  for (const [key, before] of moments) {
    const after = tasks.filter(
      (task) => `${task.created_at}/${task.added_to ?? ''}` === key && !before.includes(task),
    )
    after.forEach((task, index) => {
      const from = before[Math.min(index, before.length - 1)]
      if (from) heirs.set(task.id, from)
    })
  }
  return heirs
}

/** The assignees of one visit, with added signatures and earlier assignees. */
export function seatsOf(tasks: Task[], people: People): StepPerson[] {
  const heirs = predecessors(tasks)
  const handedOn = new Set([...heirs.values()].map((task) => task.id))
  const heirOf = new Map([...heirs].map(([id, from]) => [from.id, id]))
  /** The current task. */
  const holder = (id: number): number => {
    const heir = heirOf.get(id)
    return heir === undefined ? id : holder(heir)
  }
  const trail = (task: Task): Task[] => {
    const from = heirs.get(task.id)
    return from ? [...trail(from), from] : []
  }

  const seats = new Map<number, StepPerson>()
  for (const task of tasks) {
    if (handedOn.has(task.id)) continue
    seats.set(task.id, {
      username: task.assignee,
      name: nameOf(people, task.assignee),
      reason: task.reason,
      task,
      via: trail(task).map((one) => nameOf(people, one.assignee)),
      position: task.position || null,
      added: [],
      agents: [],
    })
  }
  const base: StepPerson[] = []
  for (const seat of seats.values()) {
    const above = seat.task?.added_to ? seats.get(holder(seat.task.added_to)) : undefined
    if (above) above.added.push(seat)
    else base.push(seat)
  }
  return base
}
