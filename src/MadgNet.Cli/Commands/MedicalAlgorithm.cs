using System.Security.Cryptography;
using MadgNet.Cli.CommandLine;
using MadgNet.Core.Weights;
using MadgNet.Medical.Seg;
using MadgNet.Onnx;

namespace MadgNet.Cli.Commands;

/// <summary>How a DICOM segmentation names the network that made it.</summary>
internal static class MedicalAlgorithm
{
    private const string ArchitectureKey = "madgnet.architecture";
    private const string VersionKey = "madgnet.version";

    /// <summary>The architecture, and as version the library's that saved the weights with the beginning of the file's SHA-256.</summary>
    public static SegOptions Of(string weights)
    {
        IReadOnlyDictionary<string, string> metadata;
        if (ModelFile.IsOnnx(weights))
        {
            metadata = OnnxModelInfo.Read(weights).Metadata;
        }
        else
        {
            using WeightArchive archive = WeightArchive.Open(weights);
            metadata = new Dictionary<string, string>(archive.Metadata);
        }

        using FileStream stream = RegularFile.OpenRead(weights);
        string hash = Convert.ToHexStringLower(SHA256.HashData(stream))[..12];
        return new SegOptions
        {
            AlgorithmName = Short(metadata.GetValueOrDefault(ArchitectureKey) ?? "MADGNet"),
            AlgorithmVersion = Short($"{metadata.GetValueOrDefault(VersionKey) ?? ToolVersion.Text} sha256:{hash}"),
        };
    }

    /// <summary>The standard allows 64 characters, and no backslash.</summary>
    private static string Short(string text)
    {
        string plain = text.Replace('\\', '/').Trim();
        return plain.Length > 64 ? plain[..64] : plain.Length == 0 ? "unknown" : plain;
    }
}
