using System.Security.Cryptography;
using System.Text;
using MadgNet.Core.Data;

namespace MadgNet.Studies.Data;

/// <summary>What one cell is trained, validated and tested on.</summary>
/// <param name="Training">The training images.</param>
/// <param name="Validation">The validation images; null for none.</param>
/// <param name="Tests">The test images, set by set in the protocol's order.</param>
internal sealed record CellData(IDataset Training, IDataset? Validation, IReadOnlyList<TestSet> Tests)
{
    /// <summary>A hash of the names and the files' lengths: cells of different data are not put together.</summary>
    public string Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string part, IDataset images) in Parts())
        {
            for (int i = 0; i < images.Count; i++)
            {
                SampleFiles? files = images.FilesOf(i);
                string[] lengths = files is null
                    ? []
                    : [.. new[] { files.Image }.Concat(files.Masks).Select(path => Checks.Text(new FileInfo(path).Length))];
                hash.AppendData(Encoding.UTF8.GetBytes($"{part}\t{images.NameOf(i)}\t{string.Join('\t', lengths)}\n"));
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private IEnumerable<(string Part, IDataset Images)> Parts() =>
    [
        ("train", Training),
        .. Validation is null ? Array.Empty<(string, IDataset)>() : [("validation", Validation)],
        .. Tests.Select(test => ($"test {test.Name}", test.Images)),
    ];
}
