using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Checkpoints;
using MadgNet.Core.Weights;
using Microsoft.Extensions.Logging.Abstractions;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Training.Checkpoints;

/// <summary>
/// Checkpoints whose seal is right and whose content is not, as a script leaves them that edits one: each explains itself, and the
/// one before it is taken.
/// </summary>
public sealed class ResealedCheckpointTests
{
    public static TheoryData<string, string> States
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string part in (string[])["Meter", "History", "Schedule", "Warned"])
            {
                data.Add(part, "null");
            }

            foreach (string number in (string[])[
                "Epoch", "Batch", "StepInEpoch", "Rate", "Step", "SkippedSteps", "Validations", "ValidationsWithoutGain", "NormCount",
                "Threshold"])
            {
                data.Add(number, "-7");
            }

            data.Add("Rate", "\"NaN\"");
            data.Add("Threshold", "2");
            data.Add("Elapsed", "\"-00:00:01\"");
            data.Add("Epoch", "\"many\"");
            data.Add("Epoch", "1e99");
            data.Add("History", "[null]");
            data.Add("Meter", "{\"Stages\":null}");
            data.Add("Meter", "{\"Stages\":[1,2]}");
            data.Add("Meter", "{\"Steps\":-1}");
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(States))]
    public void A_state_that_no_run_has_had_is_told_and_passed_over(string field, string value) =>
        Check(metadata =>
        {
            JsonObject state = JsonNode.Parse(metadata["madgnet.run"])!.AsObject();
            state[field] = JsonNode.Parse(value);
            metadata["madgnet.run"] = state.ToJsonString();
        });

    [Theory]
    [InlineData("madgnet.run", "null")]
    [InlineData("madgnet.run", "[]")]
    [InlineData("madgnet.run", "")]
    [InlineData("madgnet.run.fingerprint", "{}")]
    [InlineData("madgnet.run.fingerprint", "null")]
    [InlineData("madgnet.run.fingerprint", "{\"a\":null}")]
    [InlineData("madgnet.run.versions", "null")]
    [InlineData("madgnet.run.versions", "{\"a\":null}")]
    public void A_header_without_its_parts_is_told_and_passed_over(string key, string value) => Check(metadata => metadata[key] = value);

    [Fact]
    public void Space_in_a_header_changes_nothing_and_one_without_digest_is_told()
    {
        using var folder = new TemporaryFolder();
        string[] files = Write(folder.Root);
        byte[] spaced = Header(
            File.ReadAllBytes(files[1]),
            text => text.Replace("\"madgnet.digest\":\"", "\"madgnet.digest\" : \"", StringComparison.Ordinal));
        File.WriteAllBytes(files[1], Sealed(spaced));
        CheckpointFolder.Open(files[1]).Dispose();
        File.WriteAllBytes(
            files[1], Header(spaced, text => text.Replace("madgnet.digest", "madgnet.digesT", StringComparison.Ordinal)));
        Assert.Contains(
            "digest", Assert.Throws<WeightFileException>(() => CheckpointFolder.Open(files[1])).Message, StringComparison.Ordinal);
    }

    private static void Check(Action<Dictionary<string, string>> change)
    {
        using var folder = new TemporaryFolder();
        string[] files = Write(folder.Root);
        using (DisposeScope scope = NewDisposeScope())
        {
            Dictionary<string, string> metadata;
            Dictionary<string, Tensor> tensors;
            using (WeightArchive archive = SafetensorsFile.Open(files[1]))
            {
                metadata = new Dictionary<string, string>(archive.Metadata);
                tensors = archive.Names.ToDictionary(name => name, archive.Load);
            }

            metadata.Remove("madgnet.digest");
            change(metadata);
            SafetensorsFile.SaveSealed(files[1], tensors, metadata);
        }

        WeightFileException error = Assert.Throws<WeightFileException>(() => CheckpointFolder.Open(files[1]));
        Assert.Contains("without the state of a run (", error.Message, StringComparison.Ordinal);
        var passed = new List<string>();
        using LoadedCheckpoint? taken = new CheckpointFolder(folder.Root, new CheckpointOptions(), NullLogger.Instance)
            .OpenLatest((path, _) => passed.Add(path));
        Assert.Equal([files[1]], passed);
        Assert.Equal(1, taken!.State.Step);
    }

    private static string[] Write(string root)
    {
        var checkpoints = new CheckpointFolder(root, new CheckpointOptions { Keep = 2 }, NullLogger.Instance);
        using DisposeScope scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor> { ["model/weight"] = ones(3) };
        return [.. ((long[])[1, 2]).Select(step => checkpoints.Save(
            new RunState { Step = step, Threshold = 0.5 }, new Dictionary<string, string> { ["Model"] = "small" }, tensors, null))];
    }

    private static byte[] Header(byte[] file, Func<string, string> change)
    {
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        byte[] header = Encoding.UTF8.GetBytes(change(Encoding.UTF8.GetString(file, 8, length)));
        var prefix = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, header.Length);
        return [.. prefix, .. header, .. file[(8 + length)..]];
    }

    /// <summary>The file with the digest of what it holds, where the header spells it with spaces.</summary>
    private static byte[] Sealed(byte[] file)
    {
        ReadOnlySpan<byte> key = "\"madgnet.digest\" : \""u8;
        int place = file.AsSpan().IndexOf(key) + key.Length;
        file.AsSpan(place, 64).Fill((byte)'0');
        Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(file))).CopyTo(file, place);
        return file;
    }
}
