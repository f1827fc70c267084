using System.Buffers;
using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MadgNet.Core.Weights;

/// <summary>
/// The header of a safetensors file: 8 bytes with its length (unsigned, little endian), then JSON that gives type,
/// shape and place of every tensor (https://github.com/huggingface/safetensors, "Format").
/// </summary>
internal static class SafetensorsHeader
{
    /// <summary>Bytes before the JSON.</summary>
    public const int PrefixLength = 8;

    /// <summary>The longest header that the reference implementation accepts.</summary>
    public const long MaximumLength = 100_000_000;

    private const string MetadataName = "__metadata__";
    private const int Alignment = 8;

    // name → entry → shape: three levels; the rest is for values that are skipped.
    private const int MaximumDepth = 8;

    /// <summary>Whether the first bytes can be nothing else than a safetensors file.</summary>
    public static bool Matches(ReadOnlySpan<byte> start, long fileLength) =>
        MayMatch(start) && BinaryPrimitives.ReadUInt64LittleEndian(start) <= (ulong)Math.Min(MaximumLength, fileLength - PrefixLength);

    /// <summary>Whether the first bytes look like a safetensors file, perhaps one with a wrong length.</summary>
    public static bool MayMatch(ReadOnlySpan<byte> start) => start.Length > PrefixLength && start[PrefixLength] == (byte)'{';

    /// <summary>Reads the header and checks it against the length of the file.</summary>
    public static (List<StoredTensor> Tensors, Dictionary<string, string> Metadata) Read(WeightFileReader file)
    {
        if (file.Length < PrefixLength)
        {
            throw file.Damaged($"{file.Length} bytes", "at least the 8 bytes of a safetensors header's length");
        }

        Span<byte> prefix = stackalloc byte[PrefixLength];
        file.Read(prefix, 0);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > MaximumLength)
        {
            throw file.Damaged($"a header of {length} bytes", $"at most {MaximumLength} bytes, the limit of the format");
        }

        if (length > (ulong)(file.Length - PrefixLength))
        {
            throw file.Damaged(
                $"a header of {length} bytes", $"at most the {file.Length - PrefixLength} bytes that the file holds after its length");
        }

        byte[] json = new byte[length];
        file.Read(json, PrefixLength);
        return Parse(file, json);
    }

    /// <summary>
    /// Writes the header, its length before it, padded with spaces so that the data start aligned. Tensors come in the
    /// given order and follow each other without gaps.
    /// </summary>
    public static ReadOnlyMemory<byte> Write(
        IEnumerable<(TensorInfo Info, long ByteCount)> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        buffer.Advance(buffer.GetSpan(PrefixLength)[..PrefixLength].Length);

        // Names stay readable, as the reference implementation writes them; the header is never embedded in HTML.
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            if (metadata.Count > 0)
            {
                writer.WriteStartObject(MetadataName);
                foreach ((string key, string value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    writer.WriteString(key, value);
                }

                writer.WriteEndObject();
            }

            long offset = 0;
            foreach ((TensorInfo info, long byteCount) in tensors)
            {
                writer.WriteStartObject(info.Name);
                writer.WriteString("dtype", ElementType.Of(info.Type)!.SafetensorsName);
                writer.WriteStartArray("shape");
                foreach (long size in info.Shape)
                {
                    writer.WriteNumberValue(size);
                }

                writer.WriteEndArray();
                writer.WriteStartArray("data_offsets");
                writer.WriteNumberValue(offset);
                offset += byteCount;
                writer.WriteNumberValue(offset);
                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        int padding = (Alignment - (buffer.WrittenCount % Alignment)) % Alignment;
        buffer.GetSpan(padding)[..padding].Fill((byte)' ');
        buffer.Advance(padding);
        byte[] header = buffer.WrittenSpan.ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)(header.Length - PrefixLength));
        return header;
    }

    /// <summary>Whether a tensor may have the name: the format keeps one for its metadata.</summary>
    public static bool IsReserved(string name) => name == MetadataName;

    private static (List<StoredTensor> Tensors, Dictionary<string, string> Metadata) Parse(WeightFileReader file, byte[] json)
    {
        var entries = new List<(StoredTensor Tensor, long ByteCount)>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        long dataStart = PrefixLength + json.Length;
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaximumDepth });
            Expect(file, ref reader, JsonTokenType.StartObject, "the header");
            while (NextProperty(ref reader, out string name))
            {
                if (!names.Add(name))
                {
                    throw file.Damaged($"two entries named '{name}'", "every name once");
                }

                if (name == MetadataName)
                {
                    ReadMetadata(file, ref reader, metadata);
                }
                else
                {
                    entries.Add(ReadEntry(file, ref reader, name, dataStart));
                }
            }

            if (reader.Read())
            {
                throw file.Damaged("text after the header's closing brace", "nothing but padding");
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw file.Damaged(
                $"a header that is not valid JSON ({exception.Message})", "a JSON object with one entry a tensor", exception);
        }

        CheckPlaces(file, entries, dataStart);
        return ([.. entries.Select(entry => entry.Tensor)], metadata);
    }

    private static (StoredTensor Tensor, long ByteCount) ReadEntry(
        WeightFileReader file, ref Utf8JsonReader reader, string name, long dataStart)
    {
        ElementType? type = null;
        List<long>? shape = null;
        List<long>? offsets = null;
        Expect(file, ref reader, JsonTokenType.StartObject, $"the entry of '{name}'");
        while (NextProperty(ref reader, out string property))
        {
            switch (property)
            {
                case "dtype" when type is null:
                    Expect(file, ref reader, JsonTokenType.String, $"the dtype of '{name}'");
                    string? given = reader.GetString();
                    type = ElementType.OfSafetensors(given)
                        ?? throw file.Fault(
                            $"the dtype '{given}' of '{name}'",
                            $"one of {ElementType.SafetensorsNames}",
                            "Convert the tensor to a supported type before saving");
                    break;
                case "shape" when shape is null:
                    shape = ReadSizes(file, ref reader, $"the shape of '{name}'");
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadSizes(file, ref reader, $"the data_offsets of '{name}'");
                    break;
                case "dtype" or "shape" or "data_offsets":
                    throw file.Damaged($"'{property}' twice in the entry of '{name}'", "every property once");
                default:
                    reader.Read();
                    reader.Skip();
                    break;
            }
        }

        if (type is null || shape is null || offsets is not [long begin, long end])
        {
            throw file.Damaged($"an incomplete entry of '{name}'", "dtype, shape and the two data_offsets");
        }

        if (type.ByteCount(shape) is not { } byteCount)
        {
            throw file.Damaged(
                $"the shape [{string.Join(", ", shape.Take(8))}] of '{name}'", "at most 64 dimensions whose product fits into memory");
        }

        if (begin > end || end > file.Length - dataStart)
        {
            throw file.Damaged($"'{name}' at the bytes {begin} to {end}", $"a range within the {file.Length - dataStart} bytes of data");
        }

        if (end - begin != byteCount)
        {
            throw file.Damaged(
                $"{end - begin} bytes for '{name}'",
                $"{byteCount} bytes, as its type {type.SafetensorsName} and shape [{string.Join(", ", shape)}] take");
        }

        return (new StoredTensor(new TensorInfo(name, type.Type, shape.AsReadOnly()), type, dataStart + begin, null), byteCount);
    }

    private static void ReadMetadata(WeightFileReader file, ref Utf8JsonReader reader, Dictionary<string, string> metadata)
    {
        Expect(file, ref reader, JsonTokenType.StartObject, MetadataName);
        while (NextProperty(ref reader, out string key))
        {
            Expect(file, ref reader, JsonTokenType.String, $"the metadata '{key}'");
            if (!metadata.TryAdd(key, reader.GetString()!))
            {
                throw file.Damaged($"the metadata '{key}' twice", "every key once");
            }
        }
    }

    private static List<long> ReadSizes(WeightFileReader file, ref Utf8JsonReader reader, string what)
    {
        var sizes = new List<long>();
        Expect(file, ref reader, JsonTokenType.StartArray, what);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long size) || size < 0)
            {
                throw file.Damaged($"{what} with something else than whole numbers", "whole numbers from 0 to 2^63 - 1");
            }

            sizes.Add(size);
        }

        return sizes;
    }

    /// <summary>No hole and no overlap: a hole could hide content from whoever inspects a file by its header.</summary>
    private static void CheckPlaces(WeightFileReader file, List<(StoredTensor Tensor, long ByteCount)> entries, long dataStart)
    {
        long position = dataStart;
        foreach ((StoredTensor tensor, long byteCount) in entries.OrderBy(entry => entry.Tensor.Offset).ThenBy(entry => entry.ByteCount))
        {
            if (tensor.Offset != position)
            {
                throw file.Damaged(
                    $"'{tensor.Info.Name}' at byte {tensor.Offset - dataStart} of the data",
                    $"byte {position - dataStart}, where the tensor before it ends");
            }

            position += byteCount;
        }

        if (position != file.Length)
        {
            throw file.Damaged($"{file.Length - position} bytes after the last tensor", "a file that ends with its last tensor");
        }
    }

    private static void Expect(WeightFileReader file, ref Utf8JsonReader reader, JsonTokenType token, string what)
    {
        if (!reader.Read() || reader.TokenType != token)
        {
            throw file.Damaged($"a {reader.TokenType} for {what}", $"a {token}");
        }
    }

    private static bool NextProperty(ref Utf8JsonReader reader, out string name)
    {
        reader.Read();
        name = reader.TokenType == JsonTokenType.PropertyName ? reader.GetString()! : "";
        return reader.TokenType == JsonTokenType.PropertyName;
    }
}
