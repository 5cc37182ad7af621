import { http } from './http'
import type { Page } from './types'

export interface Department {
  key: string
  name: string
}

export const directory = {
  departments: () => http.get<Page<Department>>('departments'),
}
