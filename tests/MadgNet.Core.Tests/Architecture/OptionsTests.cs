using MadgNet.AspNetCore;
using MadgNet.Distributed;
using MadgNet.Medical;
using MadgNet.Onnx;
using MadgNet.Onnx.Hosting;
using MadgNet.Studies;

namespace MadgNet.Core.Tests.Architecture;

/// <summary>Every record of options says by itself what is wrong with it.</summary>
public class OptionsTests
{
    public static IEnumerable<TheoryDataRow<Type>> All => new[]
    {
        typeof(MadgNetException),
        typeof(OnnxExporter),
        typeof(MpiProcessGroup),
        typeof(MedicalFileException),
        typeof(Study),
        typeof(HostedPredictor),
        typeof(MadgNetServiceOptions)
    }
        .SelectMany(type => type.Assembly.GetExportedTypes())
        .Where(type => type.Name.EndsWith("Options", StringComparison.Ordinal) && !type.IsAbstract)
        .Select(type => new TheoryDataRow<Type>(type));

    [Theory]
    [MemberData(nameof(All))]
    public void Options_validate(Type options)
    {
        Assert.True(
            typeof(IEnumerable<Problem>).IsAssignableFrom(options.GetMethod("Validate", [])?.ReturnType), $"{options} has no Validate()");
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Defaults_are_valid(Type options)
    {
        if (options.GetConstructor([]) is { } create)
        {
            Assert.Empty((IEnumerable<Problem>)options.GetMethod("Validate", [])!.Invoke(create.Invoke([]), [])!);
        }
    }
}
