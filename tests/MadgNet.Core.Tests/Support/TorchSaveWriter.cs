using System.Globalization;
using System.IO.Compression;
using MadgNet.Core.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Support;

/// <summary>
/// Writes checkpoints as the authors' training code does with torch.save: a zip file with
/// <c>{model_state_dict: OrderedDict, current_epoch: n}</c>. Tensors are made, written and disposed one by one.
/// </summary>
internal static class TorchSaveWriter
{
    /// <summary>Writes a checkpoint.</summary>
    /// <param name="path">The file to create.</param>
    /// <param name="entries">Name, type (float32 or int64) and shape of every tensor in order.</param>
    /// <param name="values">Makes the tensor of a name and shape; the writer disposes it.</param>
    /// <param name="currentEpoch">The number stored beside the state dict.</param>
    public static void Write(
        string path,
        IReadOnlyList<(string Name, ScalarType Type, long[] Shape)> entries,
        Func<string, long[], Tensor> values,
        long currentEpoch)
    {
        using FileStream stream = File.Create(path);
        using var zip = new ZipArchive(stream, ZipArchiveMode.Create);
        WriteEntry(zip, "archive/data.pkl", content => content.Write(Pickle(entries, currentEpoch)));
        WriteEntry(zip, "archive/byteorder", content => content.Write("little"u8));
        for (int i = 0; i < entries.Count; i++)
        {
            (string name, ScalarType type, long[] shape) = entries[i];
            WriteEntry(zip, string.Create(CultureInfo.InvariantCulture, $"archive/data/{i}"), content =>
            {
                using var scope = NewDisposeScope();
                Tensor tensor = values(name, shape);
                Assert.Equal(type, tensor.dtype);
                Assert.Equal(shape, tensor.shape);
                TensorBytes.ForEachBlock(tensor.contiguous(), (block, _) => content.Write(block));
            });
        }

        WriteEntry(zip, "archive/version", content => content.Write("3\n"u8));
    }

    /// <summary>A zip file with the given entries, uncompressed unless said otherwise.</summary>
    public static byte[] Zip(IEnumerable<(string Name, byte[] Content)> entries, CompressionLevel level = CompressionLevel.NoCompression)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in entries)
            {
                WriteEntry(zip, name, target => target.Write(content), level);
            }
        }

        return stream.ToArray();
    }

    private static byte[] Pickle(IReadOnlyList<(string Name, ScalarType Type, long[] Shape)> entries, long currentEpoch)
    {
        var pickle = new PickleWriter();
        pickle.Raw('}').Raw('(').Text("model_state_dict").OrderedDictionary().Raw('(');
        for (int i = 0; i < entries.Count; i++)
        {
            (string name, ScalarType type, long[] shape) = entries[i];
            long count = shape.Aggregate(1L, (product, size) => product * size);
            string storage = type == ScalarType.Int64 ? "LongStorage" : "FloatStorage";
            pickle.Text(name).Tensor(storage, i.ToString(CultureInfo.InvariantCulture), count, 0, shape, DenseStrides(shape));
        }

        return pickle.Raw('u').Text("current_epoch").Integer(currentEpoch).Raw('u').Stop();
    }

    private static long[] DenseStrides(long[] shape)
    {
        long[] strides = new long[shape.Length];
        long step = 1;
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            strides[i] = step;
            step *= shape[i];
        }

        return strides;
    }

    private static void WriteEntry(
        ZipArchive zip, string name, Action<Stream> write, CompressionLevel level = CompressionLevel.NoCompression)
    {
        using Stream stream = zip.CreateEntry(name, level).Open();
        write(stream);
    }
}
