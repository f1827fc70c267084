using System.Security.Cryptography;
using System.Text;

namespace MadgNet.Core.Data;

/// <summary>What tells one dataset from another without loading it: the samples' number and names, and what it says of itself.</summary>
internal sealed class DatasetIdentity(IDataset dataset) : IDescribed
{
    public static DatasetIdentity Of(IDataset dataset) => new(dataset);

    public IEnumerable<(string Name, object? Value)> Describe() =>
    [
        ("Samples", $"{dataset.Count} named {Digest(dataset.Names())}"),
        ("Kind", dataset),
    ];

    public static string Digest(IEnumerable<string> lines)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string line in lines)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(line));
            hash.AppendData("\n"u8);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
