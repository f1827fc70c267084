using System.Reflection;
using System.Runtime.CompilerServices;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Architecture;

/// <summary>Who may use whom, as docs/architecture.md says. Read from the source, as the compiler binds it.</summary>
public class RoomTests
{
    private const string Files = "System.IO";

    private static readonly Lazy<IReadOnlyList<Dependency>> All = new(
        () => SourceDependencies.Read(Path.Combine(RepositoryFolder.Find()!, "src", "MadgNet.Core"), "MadgNet.Core", Files));

    /// <summary>The rooms from the floor up, and which of those below each may use; the floor itself is everybody's.</summary>
    private static readonly IReadOnlyDictionary<string, string[]> Rules = new Dictionary<string, string[]>
    {
        ["Foundation"] = [],
        ["Runtime"] = [],
        ["Imaging"] = ["Runtime"],
        ["Inputs"] = ["Runtime", "Imaging"],
        ["Data"] = ["Runtime", "Imaging", "Inputs"],
        ["Weights"] = ["Runtime"],
        ["Modules"] = ["Runtime"],
        ["Models"] = ["Runtime", "Inputs", "Weights", "Modules"],
        ["Losses"] = [],
        ["Metrics"] = ["Imaging", "Data"],
        ["Inference"] = ["Runtime", "Imaging", "Inputs", "Weights", "Modules", "Models"],
        ["Annotations"] = ["Imaging", "Inputs", "Data", "Inference"],
        ["Training"] = ["Runtime", "Imaging", "Inputs", "Data", "Weights", "Modules", "Models", "Losses", "Metrics", "Inference"],
    };

    [Fact]
    public void Every_type_lives_in_a_room_that_has_a_rule() =>
        Assert.Empty(typeof(MadgNetException).Assembly.GetTypes()
            .Where(type => type.Namespace?.StartsWith("MadgNet.", StringComparison.Ordinal) == true)
            .Where(type => !Rules.ContainsKey(type.Namespace!.Split('.').ElementAtOrDefault(2) ?? ""))
            .Select(type => type.FullName));

    [Fact]
    public void The_floor_uses_nothing_of_the_library() => MayUseOnlyItsRooms("Foundation");

    [Fact]
    public void Runtime_uses_the_floor_alone() => MayUseOnlyItsRooms("Runtime");

    [Fact]
    public void Imaging_knows_pixels_and_no_data_or_network() => MayUseOnlyItsRooms("Imaging");

    [Fact]
    public void Inputs_know_pixels_and_no_data_or_network() => MayUseOnlyItsRooms("Inputs");

    [Fact]
    public void Data_know_images_and_inputs_and_no_network() => MayUseOnlyItsRooms("Data");

    [Fact]
    public void Weights_know_names_and_tensors_and_no_modules() => MayUseOnlyItsRooms("Weights");

    [Fact]
    public void Modules_know_nothing_of_data_training_or_files()
    {
        MayUseOnlyItsRooms("Modules");
        UsesNoFiles("Modules");
    }

    [Fact]
    public void Models_are_made_of_modules_inputs_and_weights() => MayUseOnlyItsRooms("Models");

    [Fact]
    public void Losses_know_tensors_only()
    {
        MayUseOnlyItsRooms("Losses");
        UsesNoFiles("Losses");
    }

    [Fact]
    public void Metrics_know_spans_and_FloatImage_and_only_Evaluator_meets_data()
    {
        MayUseOnlyItsRooms("Metrics");
        Assert.DoesNotContain(Of("Metrics"), use =>
            use.ToRoom is "Imaging" or "Data"
                && use is not { To: "MadgNet.Core.Imaging", ToType: "FloatImage" } and not { FromType: "Evaluator" });
    }

    [Fact]
    public void Inference_knows_networks_and_no_losses_metrics_or_datasets() => MayUseOnlyItsRooms("Inference");

    [Fact]
    public void Annotations_know_data_and_regions_and_no_networks() => MayUseOnlyItsRooms("Annotations");

    [Fact]
    public void Nothing_depends_on_training()
    {
        RepositoryFolder.Require();
        Assert.DoesNotContain(All.Value, use => use.ToRoom == "Training" && use.FromRoom != "Training");
    }

    [Fact]
    public void Rooms_form_no_circle()
    {
        RepositoryFolder.Require();
        var left = All.Value
            .Where(use => use.ToRoom is not null && use.FromRoom != use.ToRoom)
            .ToLookup(use => use.FromRoom, use => use.ToRoom!)
            .ToDictionary(room => room.Key, room => room.ToHashSet());
        while (left.Count > 0)
        {
            string[] free = [.. left.Where(room => !room.Value.Any(left.ContainsKey)).Select(room => room.Key)];
            Assert.True(free.Length > 0, $"a circle among {string.Join(", ", left.Keys)}");
            Array.ForEach(free, room => left.Remove(room));
        }
    }

    [Fact]
    public void Other_packages_use_the_public_api_alone() =>
        Assert.All(
            typeof(MadgNetException).Assembly.GetCustomAttributes<InternalsVisibleToAttribute>(),
            friend => Assert.Contains(friend.AssemblyName, (string[])["MadgNet.Core.Tests", "MadgNet.Core.Benchmarks"]));

    private static void MayUseOnlyItsRooms(string room) =>
        Assert.DoesNotContain(Of(room), use =>
            use.ToRoom is { } other && other != room && other != "Foundation" && !Rules[room].Contains(other));

    private static void UsesNoFiles(string room) => Assert.DoesNotContain(Of(room), use => use.To == Files);

    private static IEnumerable<Dependency> Of(string room)
    {
        RepositoryFolder.Require();
        Dependency[] uses = [.. All.Value.Where(use => use.FromRoom == room)];
        Assert.True(uses.Length > 0 || room == "Foundation", $"no source of {room} was found");
        return uses;
    }
}
