// What a member of a group tells: what it owns, read and committed, at times of the machine's monotonic clock. What is
// read is told before it may be committed: a commit of what was never told would hide a lost record.
import { say } from './protocol.mjs'

const now = () => Number(process.hrtime.bigint()) / 1e9

export class Journal {
  #commitBelow
  #over = false

  constructor (commitBelow, blur = 0) {
    this.#commitBelow = commitBelow
    say({ pid: process.pid, blur })
  }

  owns (partitions) {
    if (!this.#over) say({ owns: [...partitions], at: now() })
  }

  // To be called when reading has ended, before the library leaves the group: from here on nothing is owned.
  leaving () {
    this.owns([])
    this.#over = true
  }

  // The offset to commit after these records of one partition.
  read (partition, offsets) {
    say({ read: offsets.map(offset => [partition, Number(offset)]) })
    const next = Number(offsets.at(-1)) + 1
    return this.#commitBelow === null ? next : Math.min(next, this.#commitBelow)
  }

  committed (partition, next) {
    say({ committed: [[partition, next]], at: now() })
  }

  trouble (error) {
    say({ trouble: `${error.name}: ${error.message}` })
  }
}
