using System.IO.Compression;
using MadgNet.Core.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Benchmarks.Fuzzing;

/// <summary>The pickles of PyTorch files, damaged below a zip file that is whole.</summary>
internal static class PickleFuzzing
{
    /// <summary>Every storage that a damaged pickle names has these bytes.</summary>
    private static readonly byte[] Storage = new byte[4096];

    public static FuzzTarget Create(string fixtures) => new("pickle", [.. Corpus(fixtures)], false, Read);

    private static IEnumerable<(string, byte[])> Corpus(string fixtures)
    {
        foreach (string folder in (string[])["checkpoints", "wrapped"])
        {
            foreach (string path in Directory.EnumerateFiles(Path.Combine(fixtures, folder)).Order(StringComparer.Ordinal))
            {
                using FileStream file = File.OpenRead(path);
                if (file.ReadByte() != 'P' || file.ReadByte() != 'K')
                {
                    continue;
                }

                file.Position = 0;
                using var zip = new ZipArchive(file, ZipArchiveMode.Read);
                if (zip.Entries.FirstOrDefault(entry => entry.Name == "data.pkl") is { } entry)
                {
                    using Stream pickle = entry.Open();
                    using var content = new MemoryStream();
                    pickle.CopyTo(content);
                    yield return (".pth", content.ToArray());
                }
            }
        }
    }

    private static void Read(string path, byte[] bytes)
    {
        using (var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create))
        {
            Write(zip, "z/data.pkl", bytes);
            foreach (string name in (string[])["0", "1", "2", "3", "4", "n", "pw", "bm", "kv"])
            {
                Write(zip, "z/data/" + name, Storage);
            }
        }

        using WeightArchive archive = WeightArchive.Open(path);
        foreach (string name in archive.Names)
        {
            using Tensor tensor = archive.Load(name);
            _ = tensor.numel() + archive.SkippedValues.Count;
        }
    }

    private static void Write(ZipArchive zip, string name, byte[] content)
    {
        using Stream stream = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
        stream.Write(content);
    }
}
