import { http } from './http'
import type { components } from './schema'
import type { Page } from './types'

export type Department = components['schemas']['DepartmentRowOutput']
export type Role = components['schemas']['RoleOutput']
export type Person = components['schemas']['UserOutput']

export const directory = {
  departments: () => http.get<Page<Department>>('departments'),
  roles: () => http.get<Page<Role>>('roles'),
  /** The first people whose username or name contains `q`. */
  users: (q: string, signal?: AbortSignal) =>
    http.get<Page<Person>>('users', { query: { q }, signal }),
}
