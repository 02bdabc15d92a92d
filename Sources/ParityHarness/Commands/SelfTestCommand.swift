enum SelfTestCommand { static func main(_ a: [String]) -> Int32 { 2 } }
