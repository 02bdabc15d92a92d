import BigInt
import PythonSemantics
import Testing

struct PyValueTests {
    @Test(
        arguments: [
            (PyValue.none, "None"), (true, "True"), (false, "False"), (-5, "-5"), (1.0, "1.0"), (.float(-0.0), "-0.0"),
            (1e-07, "1e-07"), (1e16, "1e+16"), (123456789012345.6, "123456789012345.6"), (.float(.infinity), "inf"),
            (.float(-.infinity), "-inf"), (.float(.nan), "nan"), (0.1, "0.1"), (1e22, "1e+22"), (0.0001, "0.0001"),
            (0.00012345, "0.00012345"), (1e100, "1e+100"), (100.0, "100.0"), (2.5, "2.5"), (1e15, "1000000000000000.0"),
            (1732289462.1234567, "1732289462.1234567"), (72.125, "72.125"), (999999999999.999, "999999999999.999"),
            ([1, "a", [:]], "[1, 'a', {}]"), (["a": nil, "b": [true]], "{'a': None, 'b': [True]}"), ([], "[]"),
        ] as [(PyValue, String)])
    func repr(value: PyValue, expected: String) {
        #expect(value.pyRepr == expected)
        #expect(value.pyStr == expected)
    }

    @Test func equalities() {
        #expect(PyValue.int(1) != .float(1) && PyValue.int(1) != .bool(true))
        #expect(PyValue.int(1).pyEquals(1.0) && PyValue.bool(true).pyEquals(1) && !PyValue.int(1).pyEquals("1"))
        #expect(PyValue.float(.nan) == .float(.nan) && !PyValue.float(.nan).pyEquals(.float(.nan)))
        #expect(PyValue.list([.float(.nan)]).pyEquals([.float(.nan)]))
        let left: PyValue = ["a": 1, "b": 2]
        let right: PyValue = ["b": 2, "a": 1]
        #expect(left == right && left.pyEquals(right) && !left.isIdentical(to: right))
        #expect(PyValue.float(0) == .float(-0.0) && !PyValue.float(0).isIdentical(to: .float(-0.0)))
        #expect(PyValue.list([1]).pyEquals([true]) && PyValue.list([1]) != [true])
        #expect(PyValue.int(1 << 53 + 1).pyEquals(.float(0x1p53)) == false)
        #expect(PyValue.integer(BigInt(5)) == 5 && PyValue.integer(BigInt(Int.max) + 1).typeName == "int")
        #expect(PyValue.integer(BigInt(2).power(70)).pyEquals(.float(0x1p70)))
    }

    @Test func truth() {
        for value: PyValue in [.none, false, 0, 0.0, .float(-0.0), "", [], [:]] { #expect(!value.isTruthy) }
        for value: PyValue in [true, -1, 0.5, .float(.nan), " ", [nil], ["": nil]] { #expect(value.isTruthy) }
    }

    @Test(
        arguments: [
            (PyValue.list([]), "'list' object has no attribute 'get'"),
            (.none, "'NoneType' object has no attribute 'get'"),
            ("x", "'str' object has no attribute 'get'"), (1, "'int' object has no attribute 'get'"),
            (1.5, "'float' object has no attribute 'get'"), (true, "'bool' object has no attribute 'get'"),
        ] as [(PyValue, String)])
    func getOfNoDict(value: PyValue, message: String) {
        #expect(throws: PyException(type: "AttributeError", message: message)) { try value.get("a") }
    }

    @Test func access() throws {
        let value: PyValue = ["a": [1, 2, 3], "n": nil]
        #expect(try value.get("a") == [1, 2, 3])
        #expect(try value.get("x") == .none && value.get("x", 5) == 5)
        #expect(try value.get("n", 5) == .none)
        #expect(value["a"]?[-1] == 3 && value["a"]?[3] == nil && value["x"] == nil)
        #expect(throws: PyException(type: "KeyError", message: "'x'")) { try value.item("x") }
        #expect(throws: PyException.indexError("list index out of range")) { try value.item("a").item(3) }
        #expect(throws: PyException.typeError("list indices must be integers or slices, not str")) {
            try PyValue.list([]).item("a")
        }
        #expect(throws: PyException.typeError("string indices must be integers, not 'str'")) {
            try PyValue.string("x").item("a")
        }
        #expect(throws: PyException.typeError("'NoneType' object is not subscriptable")) { try PyValue.none.item("a") }
        #expect(throws: PyException.typeError("'int' object is not iterable")) { try PyValue.int(1).iterated() }
        #expect(throws: PyException.typeError("object of type 'int' has no len()")) { try PyValue.int(1).length() }
        #expect(throws: PyException.typeError("unhashable type: 'list'")) { try value.contains([]) }
        #expect(try PyValue.string("ab").iterated() == ["a", "b"])
    }

    @Test func keys() throws {
        #expect(try Set([PyKey(1), PyKey(1.0), PyKey(true)]).count == 1)
        #expect(try Set([PyKey(0), PyKey(.float(-0.0)), PyKey(false), PyKey(.none), PyKey("0")]).count == 3)
        #expect(try PyKey(.float(0x1p70)) == PyKey(.integer(BigInt(2).power(70))))
        #expect(try PyKey(.float(0x1p70)).hashValue == PyKey(.integer(BigInt(2).power(70))).hashValue)
        #expect(try PyKey(.float(.nan)) == PyKey(.float(.nan)))
        #expect(throws: PyException.typeError("unhashable type: 'dict'")) { try PyKey([:]) }
        let texts: [(PyValue, PyString)] = [
            (.none, "null"), (true, "true"), (false, "false"), (1, "1"), (1.5, "1.5"), (.float(.nan), "NaN"),
            (.float(-.infinity), "-Infinity"), ("é", "é"), (1e16, "1e+16"),
        ]
        for (key, text) in texts { #expect(try PyKey(key).jsonKey() == text) }
    }

    @Test func exceptionTexts() {
        #expect(PyException.valueError("it's").pyRepr == "ValueError(\"it's\")")
        #expect(PyException.keyError("a").pyRepr == "KeyError('a')")
        #expect(
            PyException(type: "JSONDecodeError", message: "m", module: "json.decoder").description
                == "json.decoder.JSONDecodeError: m")
        #expect(PyException(type: "CancelledError", message: "").description == "CancelledError")
    }
}

struct PyDictTests {
    @Test func keepsInsertionOrder() {
        var dict: PyDict = ["a": 1, "b": 2, "a": 3]
        #expect(dict.keys == ["a", "b"] && dict.values == [3, 2])
        dict["a"] = nil
        dict["a"] = 4
        #expect(dict.keys == ["b", "a"] && dict.count == 2)
        dict["n"] = PyValue.none
        #expect(dict["n"] == PyValue.none && dict.contains(key: "n") && dict["x"] == nil)
        #expect(dict.setDefault("n", 5) == .none && dict.setDefault("m", 5) == 5)
        dict["list", default: []] = [1]
        #expect(dict["list"] == [1] && dict.first?.key == "b")
    }

    @Test func copiesAreIndependent() {
        let original: PyDict = ["a": 1, "b": 2]
        var copy = original
        copy["c"] = 3
        copy["a"] = 9
        copy.removeValue(forKey: "b")
        #expect(original == ["a": 1, "b": 2] && copy == ["a": 9, "c": 3])
        #expect(PyDict().isEmpty)
    }

    @Test func siblingsOfOneDocumentAreIndependent() throws {
        var list = try PyJSON.loads(#"[{"a": 1, "b": 2}, {"a": 3, "b": 4}]"#).asList ?? []
        list[0]["c"] = 5
        list[1]["a"] = nil
        #expect(list == [["a": 1, "b": 2, "c": 5], ["b": 4]])
    }

    @Test func shapes() throws {
        let shape = PyDict.Shape(["node_id", "caf\u{E9}", "load"])
        let first = PyDict(shape, ["a", 1, nil])
        var second = PyDict(shape, ["b", 2, [:]])
        let text = #"{"node_id": "a", "caf\u00e9": 1, "load": null}"#
        #expect(try PyJSON.dumps(.dict(first)) == Array(text.utf8))
        #expect(try PyJSON.loads(PyString(text)) == .dict(first))
        second["x"] = 1
        second["load"] = nil
        #expect(try PyJSON.dumps(.dict(second)) == Array(#"{"node_id": "b", "caf\u00e9": 2, "x": 1}"#.utf8))
        #expect(first.keys == shape.keys && first["load"] == PyValue.none)
        let compact = try PyJSON.dumps(.dict(first), ensureASCII: false, separators: (",", ":"))
        #expect(compact == Array("{\"node_id\":\"a\",\"caf\u{E9}\":1,\"load\":null}".utf8))
    }

    /// Against a model of two arrays, through growth, removal and re-insertion on both sides of the index threshold.
    @Test(arguments: [UInt64(1), 2, 3])
    func behavesLikeAnOrderedList(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var dict = PyDict()
        var keys: [PyString] = []
        var values: [PyValue] = []
        for step in 0..<3000 {
            let key = PyString("key-\(Int.random(in: 0..<(step < 1500 ? 12 : 400), using: &random))")
            let position = keys.firstIndex(of: key)
            #expect((dict[key] == nil) == (position == nil))
            if Int.random(in: 0..<3, using: &random) == 0 {
                dict[key] = nil
                if let position {
                    keys.remove(at: position)
                    values.remove(at: position)
                }
            } else {
                dict[key] = .int(step)
                if let position {
                    values[position] = .int(step)
                } else {
                    keys.append(key)
                    values.append(.int(step))
                }
            }
        }
        #expect(dict.keys == keys && dict.values == values)
        for (key, value) in zip(keys, values) { #expect(dict[key] == value) }
    }
}
