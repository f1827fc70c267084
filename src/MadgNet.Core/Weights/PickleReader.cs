using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace MadgNet.Core.Weights;

/// <summary>
/// Reads the pickles of PyTorch checkpoints, and only those: plain containers, plain values and tensors. A pickle is a
/// program; this interpreter has no instruction that could call anything. Objects of classes that it does not know are kept as their
/// names; a name that only an attack has is refused.
/// </summary>
/// <remarks>
/// What a file can demand is bounded: nothing is allocated for a length that the file does not hold, the number of
/// instructions and of bytes is limited, and nothing recurses.
/// </remarks>
internal sealed class PickleReader
{
    // The pickle of a state dict takes about 150 bytes and 40 instructions a tensor: room for 50,000 tensors. An
    // instruction makes at most one object of some 80 bytes.
    private const long MaximumLength = 64L << 20;
    private const long MaximumSteps = 2_000_000;
    private const int MaximumLine = 4096;
    private const int MaximumDigits = 512;
    private const int MaximumRank = 64;
    private const int HighestProtocol = 5;

    private readonly WeightFileReader _file;
    private readonly long _end;
    private readonly byte[] _buffer = new byte[1 << 14];
    private readonly List<object?> _stack = [];
    private readonly Stack<int> _marks = new();
    private readonly Dictionary<long, object?> _memo = [];
    private readonly Dictionary<string, PickleStorage> _storages = new(StringComparer.Ordinal);
    private long _bufferStart;
    private int _bufferAt;
    private int _bufferLength;
    private long _steps;

    /// <summary>Prepares reading the pickles between two positions of the file.</summary>
    public PickleReader(WeightFileReader file, long start, long length)
    {
        _file = file;
        _bufferStart = start;
        _end = start + Math.Min(length, MaximumLength);
    }

    /// <summary>The position in the file after the last byte that was used.</summary>
    public long Position => _bufferStart + _bufferAt;

    /// <summary>The storages that were named so far, by key, each as it was named first.</summary>
    public IReadOnlyDictionary<string, PickleStorage> Storages => _storages;

    /// <summary>Reads one pickle, up to its STOP.</summary>
    public object? Read()
    {
        _stack.Clear();
        _marks.Clear();
        _memo.Clear();
        while (true)
        {
            long at = Position;
            byte code = NextByte();
            Charge(1);
            if (code == '.')
            {
                if (_stack.Count != 1 || _marks.Count != 0)
                {
                    throw Damaged($"a pickle that ends with {_stack.Count} values", "exactly one");
                }

                return _stack[0];
            }

            Execute(code, at);
        }
    }

    private void Execute(byte code, long at)
    {
        switch ((char)code)
        {
            // Frame and protocol: nothing to do but to check.
            case '\x80':
                if (NextByte() is var protocol and > HighestProtocol)
                {
                    throw Damaged($"pickle protocol {protocol}", $"at most {HighestProtocol}");
                }

                break;
            case '\x95':
                NextInt64();
                break;

            // Plain values.
            case 'N':
                Push(null);
                break;
            case '\x88':
                Push(true);
                break;
            case '\x89':
                Push(false);
                break;
            case 'K':
                Push((long)NextByte());
                break;
            case 'M':
                Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Next(stackalloc byte[2])));
                break;
            case 'J':
                Push((long)BinaryPrimitives.ReadInt32LittleEndian(Next(stackalloc byte[4])));
                break;
            case '\x8A':
                PushInteger(NextByte());
                break;
            case '\x8B':
                PushInteger(NextLength32());
                break;
            case 'I':
                PushInteger(NextLine(), mayBeBool: true);
                break;
            case 'L':
                PushInteger(NextLine().TrimEnd('L'), mayBeBool: false);
                break;
            case 'G':
                Push(BinaryPrimitives.ReadDoubleBigEndian(Next(stackalloc byte[8])));
                break;
            case 'F':
                string number = NextLine();
                Push(double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
                    ? value
                    : throw Damaged($"the number '{number}'", "a decimal number"));
                break;
            case 'X':
                Push(NextText(NextLength32()));
                break;
            case '\x8C':
                Push(NextText(NextByte()));
                break;
            case '\x8D':
                Push(NextText(NextInt64()));
                break;
            case 'V':
                Push(NextLine());
                break;
            case 'T':
                Push(Encoding.Latin1.GetString(NextBytes(NextLength32())));
                break;
            case 'U':
                Push(Encoding.Latin1.GetString(NextBytes(NextByte())));
                break;
            case 'S':
                Push(NextLine().Trim('\'', '"'));
                break;
            case 'B':
                Push(NextBytes(NextLength32()));
                break;
            case 'C':
                Push(NextBytes(NextByte()));
                break;
            case '\x8E':
                Push(NextBytes(NextInt64()));
                break;

            // Containers.
            case '(':
                _marks.Push(_stack.Count);
                break;
            case ')':
                Push(Array.Empty<object?>());
                break;
            case 't':
                Push(PopToMark());
                break;
            case '\x85':
                Push(PopMany(1));
                break;
            case '\x86':
                Push(PopMany(2));
                break;
            case '\x87':
                Push(PopMany(3));
                break;
            case ']' or '\x8F':
                Push(new PickleList());
                break;
            case 'l' or '\x91':
                Push(ListOf(PopToMark()));
                break;
            case 'a':
                object? item = Pop();
                if (Peek() is not PickleForeign)
                {
                    Peek<PickleList>("a list").Items.Add(item);
                }

                break;
            case 'e' or '\x90':
                object?[] items = PopToMark();
                if (Peek() is not PickleForeign)
                {
                    Peek<PickleList>("a list").Items.AddRange(items);
                }

                break;
            case '}':
                Push(new PickleDictionary());
                break;
            case 'd':
                object?[] content = PopToMark();
                Push(new PickleDictionary());
                SetItems(content);
                break;
            case 's':
                SetItems(PopMany(2));
                break;
            case 'u':
                SetItems(PopToMark());
                break;

            // Stack and memo.
            case '0':
                Pop();
                break;
            case '1':
                PopToMark();
                break;
            case '2':
                Push(Peek());
                break;
            case 'q':
                Memorize(NextByte());
                break;
            case 'r':
                Memorize(NextLength32());
                break;
            case 'p':
                Memorize(NextIndex());
                break;
            case '\x94':
                Memorize(_memo.Count);
                break;
            case 'h':
                Recall(NextByte());
                break;
            case 'j':
                Recall(NextLength32());
                break;
            case 'g':
                Recall(NextIndex());
                break;

            // Names and what is made of them.
            case 'c':
                string module = NextLine();
                Push(Global(module, NextLine()));
                break;
            case '\x93':
                string name = PopAs<string>("a name");
                Push(Global(PopAs<string>("a module"), name));
                break;
            case 'R':
                object?[] arguments = PopAs<object?[]>("a tuple of arguments");
                Push(Call(Pop(), arguments));
                break;
            case '\x81':
                arguments = PopAs<object?[]>("a tuple of arguments");
                Push(Call(Pop(), arguments));
                break;
            case '\x92':
                Pop();
                arguments = PopAs<object?[]>("a tuple of arguments");
                Push(Call(Pop(), arguments));
                break;
            case 'i':
                module = NextLine();
                object? named = Global(module, NextLine());
                Push(Call(named, PopToMark()));
                break;
            case 'o':
                object?[] parts = PopToMark();
                Push(parts.Length > 0
                    ? Call(parts[0], parts[1..])
                    : throw Damaged("an object without its class", "a class and its arguments"));
                break;
            case 'b':
                // Attributes: of an OrderedDict (a state dict its _metadata) versions of layers, of a tensor or an unknown object
                // what a program has attached. No weights are among them.
                Pop();
                if (Peek() is not (PickleDictionary or PickleForeign or PickleTensor))
                {
                    throw Damaged("attributes of a plain value", "a dictionary, a tensor or an object before them");
                }

                break;
            case 'Q':
                Push(Storage(PopAs<object?[]>("a tuple that names a storage")));
                break;
            default:
                throw Refused($"the pickle instruction 0x{code:X2} at byte {at}");
        }
    }

    private object Global(string module, string name)
    {
        PickleGlobalKind? kind = (module, name) switch
        {
            ("collections", "OrderedDict" or "Counter" or "defaultdict") => PickleGlobalKind.Dictionary,
            ("builtins" or "__builtin__", "set" or "frozenset" or "list") => PickleGlobalKind.List,
            ("torch", "Size") => PickleGlobalKind.Tuple,
            ("torch", _) when ElementType.OfTorchStorage(name) is not null => PickleGlobalKind.Storage,
            ("torch._utils", "_rebuild_tensor" or "_rebuild_tensor_v2") => PickleGlobalKind.RebuildTensor,
            ("torch._utils", "_rebuild_parameter" or "_rebuild_parameter_with_state") => PickleGlobalKind.RebuildParameter,
            ("torch._tensor", "_rebuild_from_type_v2") => PickleGlobalKind.RebuildTyped,
            _ => null,
        };
        if (kind is { } known)
        {
            return new PickleGlobal(module, name, known);
        }

        return PickleForeign.IsDangerous(module, name)
            ? throw Refused($"a pickle that asks for '{module}.{name}'")
            : new PickleForeign(module, name);
    }

    /// <summary>What a call makes: a known object, or one that is kept as its name.</summary>
    private object? Call(object? function, object?[] arguments) => function switch
    {
        PickleGlobal global => Make(global, arguments),
        PickleForeign foreign => foreign,
        _ => throw Damaged("a call of something that is no class or function", "a class or function"),
    };

    private object? Make(PickleGlobal global, object?[] arguments)
    {
        Charge(arguments.Length);
        switch (global.Kind, arguments)
        {
            case (PickleGlobalKind.Dictionary, [] or [null or PickleGlobal or PickleForeign]):
                return new PickleDictionary();
            case (PickleGlobalKind.Dictionary, [PickleDictionary source]):
                var copy = new PickleDictionary();
                Charge(source.Items.Count);
                copy.Items.AddRange(source.Items);
                return copy;
            case (PickleGlobalKind.Dictionary, [PickleList pairs]):
                return FromPairs(pairs);
            case (PickleGlobalKind.List, []):
                return new PickleList();
            case (PickleGlobalKind.List, [PickleList list]):
                Charge(list.Items.Count);
                return ListOf([.. list.Items]);
            case (PickleGlobalKind.Tuple, [object?[] tuple]):
                return tuple;
            case (PickleGlobalKind.RebuildTensor, [PickleStorage storage, long offset, object?[] shape, object?[] strides, ..]):
                return Tensor(storage, offset, shape, strides);
            case (PickleGlobalKind.RebuildParameter, [PickleTensor tensor, ..]):
                return tensor;
            case (PickleGlobalKind.RebuildTyped, [PickleGlobal inner, _, object?[] own, ..]) when inner.Kind
                is PickleGlobalKind.RebuildTensor or PickleGlobalKind.RebuildParameter:
                return Make(inner, own);
            case (PickleGlobalKind.RebuildParameter, [PickleForeign foreign, ..]):
                return foreign;
            case (PickleGlobalKind.RebuildTyped, [PickleForeign foreign, ..]):
                return foreign;
            default:
                throw Damaged(
                    $"a call of '{global}' with {arguments.Length} arguments of other kinds", "the arguments that torch.save writes");
        }
    }

    private PickleDictionary FromPairs(PickleList pairs)
    {
        var made = new PickleDictionary();
        Charge(pairs.Items.Count);
        foreach (object? pair in pairs.Items)
        {
            (object? key, object? value) = pair switch
            {
                object?[] and [var first, var second] => (first, second),
                PickleList { Items: [var first, var second] } => (first, second),
                _ => throw Damaged("a dictionary made of something else than pairs", "pairs of key and value"),
            };
            made.Items.Add(KeyValuePair.Create(key, value));
        }

        return made;
    }

    private PickleTensor Tensor(PickleStorage storage, long offset, object?[] shape, object?[] strides)
    {
        if (shape.Length != strides.Length || shape.Length > MaximumRank)
        {
            throw Damaged($"a tensor with {shape.Length} sizes and {strides.Length} strides", $"as many of both, at most {MaximumRank}");
        }

        Charge(shape.Length + strides.Length);
        return new PickleTensor(storage, offset, Array.ConvertAll(shape, Size), Array.ConvertAll(strides, Size));
    }

    private long Size(object? value) =>
        value is long and >= 0 and var size
            ? size
            : throw Damaged($"'{value ?? "None"}' as a size or stride", "a whole number of at least 0");

    private PickleStorage Storage(object?[] id)
    {
        if (id is not ["storage", PickleGlobal { Kind: PickleGlobalKind.Storage } global, string key, string, long length, ..]
            || length < 0)
        {
            throw Refused("a persistent object that is no storage");
        }

        (long viewOffset, long viewLength) = id switch
        {
            [_, _, _, _, _] or [_, _, _, _, _, null] => (0L, length),
            [_, _, _, _, _, object?[] and [string, long from, long count]] when from >= 0
                && count >= 0
                && from <= length - count => (from, count),
            _ => throw Damaged($"a view of the storage '{key}' that lies outside of it", $"a view within its {length} elements"),
        };
        var storage = new PickleStorage(ElementType.OfTorchStorage(global.Name)!, key, length, viewOffset, viewLength);
        _storages.TryAdd(key, storage);
        return storage;
    }

    private void SetItems(object?[] items)
    {
        if (items.Length % 2 != 0)
        {
            throw Damaged("a key without a value", "pairs of key and value");
        }

        if (Peek() is PickleForeign)
        {
            return;
        }

        List<KeyValuePair<object?, object?>> pairs = Peek<PickleDictionary>("a dictionary").Items;
        for (int i = 0; i < items.Length; i += 2)
        {
            pairs.Add(KeyValuePair.Create(items[i], items[i + 1]));
        }
    }

    private static PickleList ListOf(object?[] items)
    {
        var list = new PickleList();
        list.Items.AddRange(items);
        return list;
    }

    private void Push(object? value) => _stack.Add(value);

    private object? Pop()
    {
        object? value = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private T PopAs<T>(string expected)
        where T : class => Pop() as T ?? throw Damaged("a value of another kind on the pickle's stack", expected);

    private object? Peek()
    {
        if (_stack.Count <= Floor)
        {
            throw Damaged("an instruction for a value that is not on the pickle's stack", "a value");
        }

        return _stack[^1];
    }

    private T Peek<T>(string expected)
        where T : class => Peek() as T ?? throw Damaged("a value of another kind on the pickle's stack", expected);

    /// <summary>The height of the stack that belongs to the innermost mark: instructions may not reach below it.</summary>
    private int Floor => _marks.TryPeek(out int mark) ? mark : 0;

    private object?[] PopMany(int count)
    {
        if (_stack.Count - count < Floor)
        {
            throw Damaged($"{_stack.Count - Floor} values on the pickle's stack", $"at least {count}");
        }

        return Take(_stack.Count - count);
    }

    private object?[] PopToMark() =>
        _marks.TryPop(out int mark) ? Take(mark) : throw Damaged("the end of a group that never started", "a mark before it");

    private object?[] Take(int from)
    {
        object?[] values = [.. _stack[from..]];
        _stack.RemoveRange(from, values.Length);
        return values;
    }

    private void Memorize(long index) => _memo[index] = Peek();

    private void Recall(long index) =>
        Push(_memo.TryGetValue(index, out object? value)
            ? value
            : throw Damaged($"a reference to the unknown value {index}", "a value that was remembered"));

    private void PushInteger(long length)
    {
        if (length > MaximumDigits)
        {
            throw Damaged($"a number of {length} bytes", $"at most {MaximumDigits}");
        }

        Push(Narrow(new BigInteger(NextBytes(length))));
    }

    private void PushInteger(string digits, bool mayBeBool)
    {
        // Protocol 0 writes booleans as the integers 00 and 01.
        if (mayBeBool && digits is "00" or "01")
        {
            Push(digits == "01");
            return;
        }

        Push(digits.Length <= MaximumDigits
            && BigInteger.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out BigInteger value)
            ? Narrow(value)
            : throw Damaged("a number that is none", "a whole number"));
    }

    private static object Narrow(BigInteger value) => value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value;

    private long NextIndex() =>
        long.TryParse(NextLine(), NumberStyles.None, CultureInfo.InvariantCulture, out long index)
            ? index
            : throw Damaged("an index that is none", "a whole number");

    private long NextInt64() => BinaryPrimitives.ReadInt64LittleEndian(Next(stackalloc byte[8]));

    private long NextLength32() => BinaryPrimitives.ReadUInt32LittleEndian(Next(stackalloc byte[4]));

    private string NextText(long length)
    {
        byte[] bytes = NextBytes(length);

        // Python may pickle lone surrogates; no name of a tensor has them.
        return Encoding.UTF8.GetString(bytes);
    }

    private byte[] NextBytes(long length)
    {
        if (length < 0 || length > _end - Position)
        {
            throw Damaged($"a pickled text of {length} bytes", $"at most the {_end - Position} bytes that are left");
        }

        byte[] bytes = new byte[length];
        Next(bytes);
        return bytes;
    }

    private string NextLine()
    {
        var line = new StringBuilder();
        for (byte next = NextByte(); next != '\n'; next = NextByte())
        {
            if (line.Length == MaximumLine)
            {
                throw Damaged($"a pickled line of more than {MaximumLine} characters", "shorter lines");
            }

            line.Append((char)next);
        }

        return line.ToString();
    }

    private byte NextByte()
    {
        if (_bufferAt == _bufferLength)
        {
            Fill();
        }

        return _buffer[_bufferAt++];
    }

    private Span<byte> Next(Span<byte> destination)
    {
        Span<byte> rest = destination;
        while (rest.Length > 0)
        {
            if (_bufferAt == _bufferLength)
            {
                Fill();
            }

            int count = Math.Min(rest.Length, _bufferLength - _bufferAt);
            _buffer.AsSpan(_bufferAt, count).CopyTo(rest);
            _bufferAt += count;
            rest = rest[count..];
        }

        return destination;
    }

    private void Fill()
    {
        _bufferStart += _bufferLength;
        _bufferAt = 0;
        _bufferLength = (int)Math.Min(_buffer.Length, _end - _bufferStart);
        if (_bufferLength <= 0)
        {
            _bufferLength = 0;
            throw Damaged($"a pickle that does not end before byte {_end}", $"a complete pickle of at most {MaximumLength} bytes");
        }

        _file.Read(_buffer.AsSpan(0, _bufferLength), _bufferStart);
    }

    private void Charge(long steps)
    {
        _steps += steps;
        if (_steps > MaximumSteps)
        {
            throw Damaged($"a pickle of more than {MaximumSteps} instructions", "the few that a state dict needs");
        }
    }

    private WeightFileException Damaged(string received, string expected) => _file.Damaged(received, expected);

    private WeightFileException Refused(string received) => _file.Fault(
        received,
        "tensors, numbers, texts, lists, tuples and dictionaries only, because anything else could run code",
        "If the file is to be trusted, load it in Python and save its state dict alone: torch.save(model.state_dict(), path), or "
            + "safetensors.torch.save_file");
}
