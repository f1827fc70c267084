using System.Buffers.Binary;
using System.Numerics;

namespace MadgNet.Core.Weights;

/// <summary>
/// Files that <c>torch.save</c> wrote, in its zip format (since PyTorch 1.6) and in the one before. The pickle inside
/// is read by an interpreter that knows tensors and plain containers: nothing is executed. Objects of other classes (settings, dates,
/// NumPy numbers) are skipped and listed; a name that only an attack has is refused.
/// </summary>
internal static class PyTorchCheckpoint
{
    /// <summary>The name given to the tensor of a file that holds nothing but one tensor or parameter.</summary>
    public const string SingleTensorName = "tensor";

    private const string PickleName = "/data.pkl";
    private const long LegacyProtocol = 1001;

    private static ReadOnlySpan<byte> LegacyStart => [0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19];

    // The number that starts a legacy file, as torch.serialization defines it.
    private static BigInteger LegacyMagic => new(LegacyStart[4..], isUnsigned: false);

    /// <summary>
    /// Opens a PyTorch checkpoint; <see cref="WeightArchive.Open(string)"/> also opens other formats.
    /// </summary>
    /// <remarks>
    /// A file holds a state dict, one tensor (listed as <see cref="SingleTensorName"/>), or a training state in which
    /// the state dict is found under one of the usual names (<c>model_state_dict</c>, <c>state_dict</c>, <c>model</c>,
    /// …) or as the only dictionary with tensors. Plain values beside it become <see cref="WeightArchive.Metadata"/>;
    /// what else is there, such as an optimizer's state, is not exposed. A prefix that DataParallel or torch.compile
    /// put before every name (<c>module.</c>, <c>_orig_mod.</c>) is taken off and kept as
    /// <see cref="WeightArchive.RemovedPrefix"/>. Element types: uint8, int8, int16,
    /// int32, int64, float16, bfloat16, float32, float64, bool.
    /// </remarks>
    /// <param name="path">Path of the file, usually <c>.pth</c>, <c>.pt</c> or <c>.pth.tar</c>.</param>
    /// <returns>The open archive, which the caller disposes.</returns>
    /// <exception cref="WeightFileException">
    /// The file cannot be opened, is no checkpoint, is damaged, holds no or several state dicts, or names a function that could run
    /// code.
    /// </exception>
    public static WeightArchive Open(string path) => WeightArchive.Open(path, Read);

    /// <summary>Whether the first bytes are those of a zip file or of a pickle.</summary>
    internal static bool Matches(ReadOnlySpan<byte> start) => IsZip(start) || IsPickle(start);

    internal static WeightArchive Read(WeightFileReader file)
    {
        Span<byte> start = stackalloc byte[(int)Math.Min(LegacyStart.Length, file.Length)];
        file.Read(start, 0);
        if (IsZip(start))
        {
            return ReadZip(file);
        }

        return IsPickle(start)
            ? ReadLegacy(file)
            : throw file.Fault(
                "a file that is neither a zip file nor a pickle",
                "a file written by torch.save",
                "Check that the file is the one meant and was downloaded completely");
    }

    private static bool IsZip(ReadOnlySpan<byte> start) => start is [(byte)'P', (byte)'K', 3, 4, ..] or [(byte)'P', (byte)'K', 5, 6, ..];

    private static bool IsPickle(ReadOnlySpan<byte> start) => start is [0x80, >= 2 and <= 5, ..];

    private static WeightArchive ReadZip(WeightFileReader file)
    {
        ZipDirectory zip = ZipDirectory.Read(file);
        string[] pickles = [.. zip.Names.Where(name => name.EndsWith(PickleName, StringComparison.Ordinal)
            && name.IndexOf('/') == name.Length - PickleName.Length)
            .Take(2)];
        if (pickles is not [string pickle])
        {
            throw file.Fault(
                $"a zip file with {(pickles.Length == 0 ? "no" : "several")} data.pkl in its top folder",
                "a file written by torch.save",
                "Pass the file itself, not an archive that it was packed into");
        }

        string root = pickle[..^PickleName.Length];
        if (zip.Names.Contains(root + "/constants.pkl"))
        {
            throw file.Fault(
                "a TorchScript program", "a state dict", "Load it in Python with torch.jit.load and save its state_dict() with torch.save");
        }

        CheckByteOrder(file, zip, root + "/byteorder");
        (long offset, long length) = zip.Find(pickle)!.Value;
        object? content = new PickleReader(file, offset, length).Read();
        return Archive(file, content, storage =>
        {
            (long Offset, long Length) place = zip.Find($"{root}/data/{storage.Key}")
                ?? throw file.Damaged($"no entry for the storage '{storage.Key}'", $"the entry '{root}/data/{storage.Key}'");
            return place;
        });
    }

    private static void CheckByteOrder(WeightFileReader file, ZipDirectory zip, string name)
    {
        const int MaximumLength = 16;
        if (zip.Find(name) is not { } place)
        {
            return;
        }

        Span<byte> order = stackalloc byte[(int)Math.Min(place.Length, MaximumLength)];
        file.Read(order, place.Offset);
        if (!order.SequenceEqual("little"u8))
        {
            throw file.Fault(
                "values that are not in little-endian order",
                "little-endian values",
                "Save the file again on a little-endian machine, for example any x64 or ARM64 one");
        }
    }

    private static WeightArchive ReadLegacy(WeightFileReader file)
    {
        var reader = new PickleReader(file, 0, file.Length);
        if (reader.Read() is not BigInteger magic || magic != LegacyMagic || reader.Read() is not LegacyProtocol)
        {
            throw file.Fault(
                "a pickle without torch.save's magic number",
                "a file written by torch.save",
                "Load it in Python and save its tensors with torch.save");
        }

        if (reader.Read() is not PickleDictionary system
            || system.Texts().FirstOrDefault(pair => pair.Key == "little_endian").Value is not true)
        {
            throw file.Fault(
                "values that are not in little-endian order",
                "little-endian values",
                "Save the file again on a little-endian machine, for example any x64 or ARM64 one");
        }

        object? content = reader.Read();
        if (reader.Read() is not PickleList keys)
        {
            throw file.Damaged("no list of storages after the pickled object", "the list that torch.save writes");
        }

        Dictionary<string, (long Offset, long Length)> places = LegacyPlaces(file, keys, reader);
        return Archive(file, content, storage => places.TryGetValue(storage.Key, out (long Offset, long Length) place)
            ? place
            : throw file.Damaged($"no content for the storage '{storage.Key}'", "one of the listed storages"));
    }

    /// <summary>The storages follow each other in the order of the list, each after its number of elements.</summary>
    private static Dictionary<string, (long Offset, long Length)> LegacyPlaces(WeightFileReader file, PickleList keys, PickleReader reader)
    {
        var places = new Dictionary<string, (long Offset, long Length)>(StringComparer.Ordinal);
        long position = reader.Position;
        Span<byte> count = stackalloc byte[sizeof(long)];
        foreach (object? item in keys.Items)
        {
            if (item is not string key || !reader.Storages.TryGetValue(key, out PickleStorage? storage))
            {
                throw file.Damaged($"the unknown storage '{item}' in the list of storages", "storages that the tensors use");
            }

            file.Read(count, position);
            position += sizeof(long);
            long elements = BinaryPrimitives.ReadInt64LittleEndian(count);
            if (elements != storage.Length || elements > (file.Length - position) / storage.Type.Size)
            {
                throw file.Damaged(
                    $"{elements} elements for the storage '{key}'", $"the {storage.Length} that its tensors claim, within the file");
            }

            if (!places.TryAdd(key, (position, elements * storage.Type.Size)))
            {
                throw file.Damaged($"the storage '{key}' twice", "every storage once");
            }

            position += elements * storage.Type.Size;
        }

        return places;
    }

    private static WeightArchive Archive(WeightFileReader file, object? content, Func<PickleStorage, (long Offset, long Length)> locate)
    {
        (IReadOnlyList<KeyValuePair<string, PickleTensor>> tensors,
            Dictionary<string, string> metadata,
            List<string> skipped) = StateDictSearch.Find(file, content);
        IReadOnlyList<string> names = StateDictNames.StripWrappers([.. tensors.Select(tensor => tensor.Key)]);
        var places = new Dictionary<string, (long Offset, long Length)>(StringComparer.Ordinal);
        var stored = new List<StoredTensor>(tensors.Count);
        for (int i = 0; i < tensors.Count; i++)
        {
            PickleStorage storage = tensors[i].Value.Storage;
            if (!places.TryGetValue(storage.Key, out (long Offset, long Length) place))
            {
                place = locate(storage);
                places.Add(storage.Key, place);
            }

            stored.Add(Place(file, names[i], tensors[i].Value, place));
        }

        string removed = names.Count == 0 ? "" : tensors[0].Key[..^names[0].Length];
        return new WeightArchive(file, stored, metadata, removed) { SkippedValues = skipped };
    }

    /// <summary>Checks that every element that the tensor can touch lies within its storage, and that within the file.</summary>
    private static StoredTensor Place(WeightFileReader file, string name, PickleTensor tensor, (long Offset, long Length) place)
    {
        (ElementType type, _, long length, long viewOffset, long viewLength) = tensor.Storage;
        if (length > place.Length / type.Size)
        {
            throw file.Damaged(
                $"a storage of {place.Length} bytes for '{name}'", $"the {length} elements of {type.Size} bytes that it claims");
        }

        if (type.ByteCount(tensor.Shape) is null
            || StoredTensor.Extent(tensor.Shape, tensor.Strides) is not { } extent
            || tensor.Offset < 0
            || extent > viewLength - tensor.Offset)
        {
            throw file.Damaged(
                $"'{name}' with offset {tensor.Offset}, shape [{string.Join(", ", tensor.Shape)}] and strides ["
                    + $"{string.Join(", ", tensor.Strides)}]",
                $"elements within its storage of {viewLength} elements");
        }

        long[]? strides = StoredTensor.IsDense(tensor.Shape, tensor.Strides) ? null : tensor.Strides;
        return new StoredTensor(
            new TensorInfo(name, type.Type, tensor.Shape.AsReadOnly()),
            type,
            place.Offset + ((viewOffset + tensor.Offset) * type.Size),
            strides);
    }
}
