using System.Security.Cryptography;
using System.Text;
using MadgNet.Core.Data;

namespace MadgNet.Core.Training.Reporting;

/// <summary>One part of the data of a run: which samples it holds, by name.</summary>
/// <param name="Part">What it was for: <c>training</c> or <c>validation</c>.</param>
/// <param name="Digest">SHA-256, in hexadecimal, of the names in their order, each followed by a line feed: two runs with the same digest
/// used the same samples.</param>
/// <param name="Names">The names, in order.</param>
/// <param name="Labels">The names of the labels; empty where the dataset does not know them.</param>
public sealed record ManifestData(string Part, string Digest, IReadOnlyList<string> Names, IReadOnlyList<string> Labels)
{
    /// <summary>Describes a dataset; no sample is loaded.</summary>
    /// <param name="part">What it is for.</param>
    /// <param name="dataset">The dataset.</param>
    /// <returns>The description.</returns>
    public static ManifestData Of(string part, IDataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        IReadOnlyList<string> names = dataset.Names();
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(names.Select(name => name + "\n")));
        return new ManifestData(part, Convert.ToHexStringLower(SHA256.HashData(text)), names, dataset.Labels);
    }
}
