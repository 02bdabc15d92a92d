/// Pairs the elements of two lists, keeping the order of both (longest common subsequence).
enum Alignment {
    /// Beyond this many cells the table would cost more than it shows; elements are then paired by position.
    private static let limit = 1_000_000

    /// - Returns: pairs of indices; nil: nothing on this side. What lies between equal elements is paired by position.
    static func pairs(_ left: [String], _ right: [String]) -> [(left: Int?, right: Int?)] {
        var start = 0
        let shorter = min(left.count, right.count)
        while start < shorter, left[start] == right[start] { start += 1 }
        var end = 0
        while end < shorter - start, left[left.count - 1 - end] == right[right.count - 1 - end] { end += 1 }
        let rows = left.count - start - end
        let columns = right.count - start - end
        var result: [(left: Int?, right: Int?)] = (0..<start).map { ($0, $0) }
        if rows > 0, columns > 0, rows * columns <= limit {
            result += middle(left, right, start: start, rows: rows, columns: columns)
        } else {
            result += gap(start..<(start + rows), start..<(start + columns))
        }
        result += (0..<end).map { (left.count - end + $0, right.count - end + $0) }
        return result
    }

    private static func middle(
        _ left: [String], _ right: [String], start: Int, rows: Int, columns: Int
    ) -> [(left: Int?, right: Int?)] {
        let width = columns + 1
        var lengths = [Int32](repeating: 0, count: (rows + 1) * width)
        for row in stride(from: rows - 1, through: 0, by: -1) {
            for column in stride(from: columns - 1, through: 0, by: -1) {
                lengths[row * width + column] =
                    left[start + row] == right[start + column]
                    ? lengths[(row + 1) * width + column + 1] + 1
                    : max(lengths[(row + 1) * width + column], lengths[row * width + column + 1])
            }
        }
        var result: [(left: Int?, right: Int?)] = []
        var (row, column, doneRow, doneColumn) = (0, 0, 0, 0)
        while row < rows, column < columns {
            if left[start + row] == right[start + column] {
                result += gap((start + doneRow)..<(start + row), (start + doneColumn)..<(start + column))
                result.append((start + row, start + column))
                (row, column) = (row + 1, column + 1)
                (doneRow, doneColumn) = (row, column)
            } else if lengths[(row + 1) * width + column] >= lengths[row * width + column + 1] {
                row += 1
            } else {
                column += 1
            }
        }
        return result + gap((start + doneRow)..<(start + rows), (start + doneColumn)..<(start + columns))
    }

    private static func gap(_ left: Range<Int>, _ right: Range<Int>) -> [(left: Int?, right: Int?)] {
        (0..<max(left.count, right.count)).map {
            (
                $0 < left.count ? left.lowerBound + $0 : nil, $0 < right.count ? right.lowerBound + $0 : nil
            )
        }
    }
}
