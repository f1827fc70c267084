using System.Buffers.Binary;
using System.Text;

namespace MadgNet.Core.Tests.Support;

/// <summary>Writes pickles of protocol 2 as Python's pickle module and torch.save do, instruction by instruction.</summary>
internal sealed class PickleWriter
{
    private readonly MemoryStream _stream = new();

    public PickleWriter() => Raw(0x80, 2);

    public PickleWriter Raw(params ReadOnlySpan<byte> bytes)
    {
        _stream.Write(bytes);
        return this;
    }

    public PickleWriter Raw(char instruction) => Raw((byte)instruction);

    /// <summary>An instruction and its argument in hexadecimal.</summary>
    public PickleWriter Raw(char instruction, string argument) => Raw(instruction).Raw(Convert.FromHexString(argument));

    public PickleWriter Global(string module, string name) => Raw('c').Raw(Encoding.ASCII.GetBytes($"{module}\n{name}\n"));

    public PickleWriter Text(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Raw('X');
        return Length(bytes.Length).Raw(bytes);
    }

    public PickleWriter Integer(long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return Raw(0x8A, 8).Raw(bytes);
    }

    public PickleWriter Length(int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return Raw(bytes);
    }

    public PickleWriter Tuple(params ReadOnlySpan<long> values)
    {
        Raw('(');
        foreach (long value in values)
        {
            Integer(value);
        }

        return Raw('t');
    }

    /// <summary>A tensor as torch.save writes it: a call of <c>_rebuild_tensor_v2</c> with a view of a storage.</summary>
    public PickleWriter Tensor(
        string storageType, string key, long storageLength, long offset, ReadOnlySpan<long> shape, ReadOnlySpan<long> strides)
    {
        Global("torch._utils", "_rebuild_tensor_v2").Raw('(');
        Raw('(').Text("storage").Global("torch", storageType).Text(key).Text("cpu").Integer(storageLength).Raw('t').Raw('Q');
        Integer(offset).Tuple(shape).Tuple(strides).Raw(0x89);
        return OrderedDictionary().Raw('t').Raw('R');
    }

    public PickleWriter OrderedDictionary() => Global("collections", "OrderedDict").Raw(')').Raw('R');

    /// <summary>Ends the pickle and gives its bytes.</summary>
    public byte[] Stop()
    {
        Raw('.');
        return _stream.ToArray();
    }
}
