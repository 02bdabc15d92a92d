/// A run that could not take place: one line for the person who started it, exit status 2.
package struct ParityError: Error, Equatable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) {
        self.description = description
    }
}
